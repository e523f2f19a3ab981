#include "schedule/cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <utility>
#include <vector>

#include "schedule/field.hpp"

namespace ctxcache::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month_day;

constexpr std::string_view blanks = " \t";
constexpr std::string_view zone_prefix = "CRON_TZ=";
// 29 February can be a given weekday 40 years apart, when a year such as 2100 has none.
constexpr std::chrono::years horizon{50};

constexpr std::array<std::string_view, 12> month_words{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_words{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr std::array<field, 5> fields{{{"minute", 0, 59},
                                       {"hour", 0, 23},
                                       {"day-of-month", 1, 31},
                                       {"month", 1, 12, month_words},
                                       {"day-of-week", 0, 7, weekday_words}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> shorthands{{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

bool has(std::uint64_t values, unsigned value) {
  return (values >> value & 1) != 0;
}

/// The least of the values that is not less than that.
std::optional<unsigned> at_least(std::uint64_t values, unsigned least) {
  const auto left = least < 64 ? values >> least : 0;
  if (left == 0) return std::nullopt;
  return least + static_cast<unsigned>(std::countr_zero(left));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    words.push_back(text.substr(0, text.find_first_of(blanks)));
    text.remove_prefix(words.back().size());
  }
}

std::variant<std::string_view, problem> fields_of_shorthand(std::string_view word) {
  const auto* const found =
      std::ranges::find_if(shorthands, [&](const auto& one) { return same_word(one.first, word); });
  if (found != shorthands.end()) return found->second;
  return problem{
      fmt::format("\"{}\" is not known, write @yearly, @monthly, @weekly, @daily, @midnight, "
                  "@hourly or five fields",
                  word)};
}

}  // namespace

std::variant<cron, problem> cron::parse(std::string_view expression, zone in) {
  auto words = words_of(expression);
  if (!words.empty() && words.front().starts_with(zone_prefix)) {
    const auto named = zone::find(words.front().substr(zone_prefix.size()));
    if (const auto* refused = std::get_if<problem>(&named)) return problem{"CRON_TZ: " + refused->why};
    in = std::get<zone>(named);
    words.erase(words.begin());
  }
  if (words.size() == 1 && words.front().starts_with('@')) {
    const auto meant = fields_of_shorthand(words.front());
    if (const auto* refused = std::get_if<problem>(&meant)) return *refused;
    words = words_of(std::get<std::string_view>(meant));
  }
  cron made{in};
  if (auto refused = made.take_fields(words)) return *std::move(refused);
  if (!made.can_match()) return problem{"it never comes: no month that it names has that day of the month"};
  return made;
}

std::optional<problem> cron::take_fields(const std::vector<std::string_view>& words) {
  if (words.size() != fields.size()) {
    return problem{
        fmt::format("a cron expression has five fields, minute hour day-of-month month "
                    "day-of-week; this one has {}",
                    words.size())};
  }
  const std::array<std::uint64_t*, 5> places{&minutes_, &hours_, &days_, &months_, &weekdays_};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto values = parse_field(fields[i], words[i]);
    if (const auto* refused = std::get_if<problem>(&values)) return *refused;
    *places[i] = std::get<std::uint64_t>(values);
  }
  if (has(weekdays_, 7)) weekdays_ |= 1;
  both_days_ = words[2].starts_with('*') || words[4].starts_with('*');
  fixed_hours_ = !words[1].starts_with('*');
  return std::nullopt;
}

// Each day of the year, 29 February too, is each day of the week in some year.
bool cron::can_match() const {
  if (!both_days_) return true;
  for (unsigned month = 1; month <= 12; ++month) {
    const std::chrono::year_month_day_last last{std::chrono::year{2024},
                                                std::chrono::month_day_last{std::chrono::month{month}}};
    const auto first = at_least(days_, 1);
    if (has(months_, month) && first && *first <= unsigned{last.day()}) return true;
  }
  return false;
}

bool cron::matches(year_month_day day) const {
  const bool by_day = has(days_, unsigned{day.day()});
  const bool by_weekday = has(weekdays_, std::chrono::weekday{local_days{day}}.c_encoding());
  return both_days_ ? by_day && by_weekday : by_day || by_weekday;
}

// The first minute of a day, from that one on, that the fields match.
std::optional<minutes> cron::first_time(minutes least) const {
  const auto from = static_cast<unsigned>(least / 1h);
  for (auto hour = at_least(hours_, from); hour; hour = at_least(hours_, *hour + 1)) {
    const std::chrono::hours begin{*hour};
    const auto minute =
        at_least(minutes_, static_cast<unsigned>((std::max<minutes>(least, begin) - begin) / 1min));
    if (minute) return begin + minutes{*minute};
  }
  return std::nullopt;
}

// The first that the fields match, from that on.
std::optional<civil> cron::first_match(civil from) const {
  auto day = std::chrono::floor<days>(from);
  auto least = std::chrono::ceil<minutes>(from - day);
  const local_days last{(year_month_day{day}.year() + horizon) / 12 / 31};
  while (day <= last) {
    const year_month_day date{day};
    if (has(months_, unsigned{date.month()})) {
      const auto time = matches(date) ? first_time(least) : std::nullopt;
      if (time) return day + *time;
      day += days{1};
    } else {
      day = local_days{date.year() / date.month() / std::chrono::last} + days{1};
    }
    least = 0min;
  }
  return std::nullopt;
}

std::optional<instant> cron::next(instant after) const {
  return fixed_hours_ ? next_fixed(after) : next_shown(after);
}

// `first` never goes back while what is shown goes on, so nothing that was shown before can come after.
std::optional<instant> cron::next_fixed(instant after) const {
  const auto shown = zone_.around(after).shown(after);
  auto match = first_match(shown + 1s);
  while (match && zone_.first(*match) <= after) match = first_match(*match + 1s);
  if (!match) return std::nullopt;
  return zone_.first(*match);
}

std::optional<instant> cron::next_shown(instant after) const {
  auto now = zone_.around(after);
  auto match = first_match(now.shown(after) + 1s);
  while (match && now.when(*match) >= now.end) {
    now = zone_.around(now.end);
    match = first_match(now.shown(now.begin));
  }
  if (!match) return std::nullopt;
  return now.when(*match);
}

}  // namespace ctxcache::schedule
