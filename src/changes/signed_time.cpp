#include "changes/signed_time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ctxcache::changes {
namespace {

using std::chrono::seconds;

/// Takes a text apart from its beginning; once something is missing, nothing more is there.
class text_reader {
 public:
  explicit text_reader(std::string_view text) : left_(text) {}

  [[nodiscard]] int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char digit = take();
      if (digit < '0' || digit > '9') whole_ = false;
      if (!whole_) return 0;
      value = value * 10 + (digit - '0');
    }
    return value;
  }
  void expect(char wanted) {
    if (take() != wanted) whole_ = false;
  }
  [[nodiscard]] char take() {
    if (left_.empty()) whole_ = false;
    if (!whole_) return '\0';
    const char first = left_.front();
    left_.remove_prefix(1);
    return first;
  }
  void skip_digits() { left_.remove_prefix(std::min(left_.find_first_not_of("0123456789"), left_.size())); }
  [[nodiscard]] bool next_is(char one) const { return left_.starts_with(one); }
  [[nodiscard]] bool ended() const { return whole_ && left_.empty(); }

 private:
  std::string_view left_;
  bool whole_ = true;
};

[[nodiscard]] seconds offset_from(text_reader& text) {
  const char sign = text.take();
  if (sign == 'Z') return seconds{0};
  const std::chrono::hours hours{text.number(2)};
  text.expect(':');
  const std::chrono::minutes minutes{text.number(2)};
  const seconds ahead = hours + minutes;
  if (sign == '-') return -ahead;
  return ahead;
}

}  // namespace

std::optional<wall_seconds> seconds_from(std::string_view text) {
  constexpr std::size_t digits_max = 12;
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  constexpr std::int64_t year_10000 = 253'402'300'800;
  if (value >= year_10000) return std::nullopt;
  return wall_seconds{seconds{value}};
}

std::optional<wall_seconds> iso_8601_from(std::string_view from) {
  text_reader text{from};
  const std::chrono::year year{text.number(4)};
  text.expect('-');
  const std::chrono::month month{static_cast<unsigned>(text.number(2))};
  text.expect('-');
  const std::chrono::day day{static_cast<unsigned>(text.number(2))};
  text.expect('T');
  const int hour = text.number(2);
  text.expect(':');
  const int minute = text.number(2);
  text.expect(':');
  const int second = text.number(2);
  if (text.next_is('.')) {
    text.expect('.');
    text.skip_digits();
  }
  const bool zoned = text.next_is('Z') || text.next_is('+') || text.next_is('-');
  const auto offset = offset_from(text);
  const std::chrono::year_month_day date{year, month, day};
  const bool in_range = hour < 24 && minute < 60 && second <= 60;
  if (!zoned || !text.ended() || !date.ok() || !in_range) return std::nullopt;
  return wall_seconds{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         seconds{second} - offset;
}

}  // namespace ctxcache::changes
