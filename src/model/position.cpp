#include "ctxcache/position.hpp"

#include <fmt/format.h>

#include <charconv>

namespace ctxcache {

std::string to_string(const position& place) {
  return fmt::format("{:016x}.{}", place.epoch, place.sequence);
}

std::optional<position> parse_position(std::string_view text) {
  constexpr std::size_t epoch_digits = 16;
  if (text.size() < epoch_digits + 2 || text[epoch_digits] != '.') return std::nullopt;
  position out;
  const char* middle = text.data() + epoch_digits;
  const char* end = text.data() + text.size();
  const auto epoch = std::from_chars(text.data(), middle, out.epoch, 16);
  const auto sequence = std::from_chars(middle + 1, end, out.sequence);
  if (epoch.ec != std::errc{} || epoch.ptr != middle || sequence.ec != std::errc{} || sequence.ptr != end) {
    return std::nullopt;
  }
  return out;
}

}  // namespace ctxcache
