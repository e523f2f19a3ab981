#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/key.hpp"
#include "http/json_body.hpp"
#include "http/service.hpp"

namespace ctxcache::http {

/// One invalidation that a body asks for.
struct order {
  scope what;
  std::string reason;
  bool dry_run = false;
  bool fence = false;
};

struct orders {
  std::vector<order> list;
  bool several = false;  ///< the body was a list, and so is the answer
};

/// Reads the body of `cache/invalidate`: one selector with options, a list of them, or `{"scopes": [...]}`
/// with options that hold for all. Everything is read before anything is invalidated.
[[nodiscard]] parsed<orders> read_orders(const service& on, std::string_view body);

}  // namespace ctxcache::http
