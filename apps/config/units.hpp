#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ctxcache::config {

/// "500ms", "30s", "5m", "2h", "1d", or a bare whole number of seconds. May be negative; nullopt when it is
/// none of these or too large to count in milliseconds.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// In the largest unit that divides it: "30s", "5m".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds length);

/// "64MiB", "1GB" (a thousand thousands), "512B", or a bare whole number of bytes; nullopt as above.
[[nodiscard]] std::optional<std::int64_t> parse_bytes(std::string_view text);
/// In the largest binary unit that divides it: "256MiB".
[[nodiscard]] std::string format_bytes(std::int64_t bytes);

[[nodiscard]] std::optional<std::int64_t> parse_whole(std::string_view text);

/// "0.001", "1e-3", "1"; nullopt when it is no number.
[[nodiscard]] std::optional<double> parse_fraction(std::string_view text);
/// The shortest that is read again as the same.
[[nodiscard]] std::string format_fraction(double value);

}  // namespace ctxcache::config
