#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "http_client.hpp"
#include "verbs.hpp"

namespace ctxcache::client {

/// What `ctxcache warm` sends.
struct warm_plan {
  std::vector<std::string> bodies;  ///< one an order; a file too long for one is sent in parts
  std::string bad_lines;            ///< of the file: a line each, for stderr
};

/// Fails when nobody is named, when a wish makes no sense, and when the file cannot be read.
[[nodiscard]] outcome<warm_plan> plan_of(const warm_options& how);

/// The most that one order's ids take, well below the daemon's `max_body_bytes`, and how many they may be.
inline constexpr std::size_t order_bytes_max = std::size_t{768} << 10;
inline constexpr std::size_t order_ids_max = 50'000;

}  // namespace ctxcache::client
