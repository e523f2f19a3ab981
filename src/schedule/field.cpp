#include "schedule/field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace ctxcache::schedule {
namespace {

std::string allowed(const field& which) {
  auto text = fmt::format("{} to {}", which.first, which.last);
  if (!which.words.empty()) text += fmt::format(" or {} to {}", which.words.front(), which.words.back());
  return text;
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::variant<unsigned, problem> value_of(const field& which, std::string_view text) {
  const auto named = std::ranges::find_if(which.words, [&](auto word) { return same_word(word, text); });
  if (named != which.words.end()) return which.first + static_cast<unsigned>(named - which.words.begin());
  const auto value = number(text);
  if (value && *value >= which.first && *value <= which.last) return *value;
  return problem{fmt::format("{}: \"{}\" is not allowed, write {}", which.name, text, allowed(which))};
}

struct range {
  unsigned first;
  unsigned last;
};

std::variant<range, problem> range_of(const field& which, std::string_view text) {
  if (text == "*") return range{which.first, which.last};
  const auto dash = text.find('-');
  const auto first = value_of(which, text.substr(0, dash));
  if (const auto* refused = std::get_if<problem>(&first)) return *refused;
  const auto from = std::get<unsigned>(first);
  if (dash == std::string_view::npos) return range{from, from};
  const auto end = text.substr(dash + 1);
  const auto last = value_of(which, end);
  if (const auto* refused = std::get_if<problem>(&last)) return *refused;
  auto to = std::get<unsigned>(last);
  if (to < from && same_word(end, "sun")) to = 7;  // the week's end as well as its beginning
  if (to < from) {
    return problem{
        fmt::format("{}: the range \"{}\" runs backwards, write two with a comma", which.name, text)};
  }
  return range{from, to};
}

std::variant<std::uint64_t, problem> values_of(const field& which, std::string_view text) {
  const auto slash = text.find('/');
  const auto whole = text.substr(0, slash);
  const auto found = range_of(which, whole);
  if (const auto* refused = std::get_if<problem>(&found)) return *refused;
  const auto within = std::get<range>(found);
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    const auto given = number(text.substr(slash + 1));
    if (!given || *given == 0 || *given > which.last) {
      return problem{
          fmt::format("{}: the step of \"{}\" is not allowed, write 1 to {}", which.name, text, which.last)};
    }
    // Some crons take 5/15 for 5-59/15 and others for 5.
    if (whole.find_first_of("*-") == std::string_view::npos) {
      return problem{fmt::format("{}: \"{}\" has a step but no range, write \"{}-{}/{}\"", which.name, text,
                                 whole, which.last, *given)};
    }
    step = *given;
  }
  std::uint64_t values = 0;
  for (auto value = within.first; value <= within.last; value += step) values |= std::uint64_t{1} << value;
  return values;
}

}  // namespace

bool same_word(std::string_view one, std::string_view other) {
  const auto lower = [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  };
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::variant<std::uint64_t, problem> parse_field(const field& which, std::string_view text) {
  std::uint64_t values = 0;
  while (true) {
    const auto comma = text.find(',');
    const auto some = values_of(which, text.substr(0, comma));
    if (const auto* refused = std::get_if<problem>(&some)) return *refused;
    values |= std::get<std::uint64_t>(some);
    if (comma == std::string_view::npos) return values;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace ctxcache::schedule
