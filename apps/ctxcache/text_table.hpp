#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ctxcache::client {

using text_row = std::vector<std::string>;

enum class align { left, right };

/// Columns two blanks apart, each as wide as its widest cell; cells after the first column stand as
/// `others` says. Lines end without blanks. Widths count UTF-8 characters.
[[nodiscard]] std::string format_table(const std::vector<text_row>& rows, align others = align::left);

/// "3.2 MiB"
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// "2 d 3 h", "3 min 20 s", "45 s"
[[nodiscard]] std::string human_seconds(std::int64_t seconds);
/// "85.0 %"
[[nodiscard]] std::string human_percent(double percent);

}  // namespace ctxcache::client
