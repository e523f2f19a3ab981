#pragma once

#include <optional>
#include <string>

#include "ctxcache/key.hpp"

namespace ctxcache::providers {

/// What a query is asked with: `$1` and `$2`.
struct query_ids {
  explicit query_ids(const key& wanted)
      : customer(wanted.customer_id()), conversation(wanted.conversation_id()) {}

  std::string customer;
  std::optional<std::string> conversation;
};

}  // namespace ctxcache::providers
