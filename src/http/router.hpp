#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace ctxcache::http {

/// What a request is for. The last three are answers of their own.
enum class endpoint : std::uint8_t {
  context_get,
  context_put,
  context_delete,
  batch,
  invalidate,
  invalidations,
  fences,
  entries,
  warm_post,
  warm_list,
  warm_get,
  warm_delete,
  events_post,
  events_list,
  events_dead,
  events_replay,
  stats,
  health,
  live,
  ready,
  metrics,
  options,
  method_not_allowed,
  not_found,
  malformed,
  count
};

/// Its name in metrics and log lines.
[[nodiscard]] std::string_view name(endpoint one);

struct route {
  endpoint to = endpoint::not_found;
  std::array<std::string_view, 3> ids{};  ///< decoded; they borrow from the request's target
  std::size_t id_count = 0;
  std::string_view query{};  ///< behind the `?`, as it came; borrowed likewise
  std::string_view allow;    ///< what `Allow` says, when `to` is options or method_not_allowed

  [[nodiscard]] std::span<const std::string_view> given() const { return {ids.data(), id_count}; }
};

/// Finds what a request is for and decodes the ids in its path, in place and once each, so that `%2F` stays
/// inside an id. A path with a malformed escape is endpoint::malformed. The query is left to
/// who wants it (http/query.hpp).
[[nodiscard]] route find_route(request& from);

}  // namespace ctxcache::http
