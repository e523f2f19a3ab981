#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace ctxcache::changes {

using wall_seconds = std::chrono::sys_time<std::chrono::seconds>;

/// Seconds since 1970 in decimal digits, up to the year 9999.
[[nodiscard]] std::optional<wall_seconds> seconds_from(std::string_view text);

/// "2021-03-25T05:09:27Z", with a fraction of a second, which does not count, or without, and with an offset
/// ("+02:00") instead of the Z or with it.
[[nodiscard]] std::optional<wall_seconds> iso_8601_from(std::string_view text);

}  // namespace ctxcache::changes
