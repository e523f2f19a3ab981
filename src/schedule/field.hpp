#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "schedule/zone.hpp"

namespace ctxcache::schedule {

/// One of the five fields of a cron expression: what may stand in it.
struct field {
  std::string_view name;
  unsigned first;
  unsigned last;
  std::span<const std::string_view> words{};  ///< names of the values from `first` on; lower case
};

/// The values that a field's text allows, as bits: numbers and names, ranges, lists, and steps over `*` and
/// ranges ("*/15", "8-18/2,mon").
[[nodiscard]] std::variant<std::uint64_t, problem> parse_field(const field& which, std::string_view text);

/// The same without regard to the case of ASCII letters.
[[nodiscard]] bool same_word(std::string_view one, std::string_view other);

}  // namespace ctxcache::schedule
