#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ctxcache::config {

/// How many insertions, deletions, replacements and swaps of neighbours make one text of the other (optimal
/// string alignment).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that was probably meant: the nearest, at most a third of its letters away.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view written,
                                                      std::span<const std::string_view> candidates);

/// `; did you mean "l1_cache_ttl"?`, or nothing.
[[nodiscard]] std::string suggestion(std::string_view written, std::span<const std::string_view> candidates);

}  // namespace ctxcache::config
