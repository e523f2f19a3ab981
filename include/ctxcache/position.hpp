#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ctxcache {

/// A place in the invalidation log: the epoch it belongs to and how many of its messages have been applied.
/// As an entry's stamp: the position read before the first provider was asked.
struct position {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  friend bool operator==(const position&, const position&) = default;
};

/// "E.n": the epoch as 16 hexadecimal digits, the sequence number in decimal. What `Ctx-Position` carries.
[[nodiscard]] std::string to_string(const position& place);
[[nodiscard]] std::optional<position> parse_position(std::string_view text);

}  // namespace ctxcache
