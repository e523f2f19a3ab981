#include "text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ctxcache::client {
namespace {

std::size_t width(std::string_view text) {
  const auto continues = [](char one) { return (static_cast<unsigned char>(one) & 0xC0) == 0x80; };
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

std::vector<std::size_t> widths(const std::vector<text_row>& rows) {
  std::vector<std::size_t> found;
  for (const auto& row : rows) {
    found.resize(std::max(found.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) found[i] = std::max(found[i], width(row[i]));
  }
  return found;
}

}  // namespace

std::string format_table(const std::vector<text_row>& rows, align others) {
  const auto columns = widths(rows);
  std::string made;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(columns[i] - width(row[i]), ' ');
      if (i > 0) line += "  ";
      line += i > 0 && others == align::right ? blanks + row[i] : row[i] + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    made += line + "\n";
  }
  return made;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> units{"B", "KiB", "MiB", "GiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string human_seconds(std::int64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3'600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return fmt::format("{} h {} min", seconds / 3'600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86'400, seconds / 3'600 % 24);
}

std::string human_percent(double percent) {
  return fmt::format("{:.1f} %", percent);
}

}  // namespace ctxcache::client
