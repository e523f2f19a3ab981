#include "http/date.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace ctxcache::http {

std::string_view date_line::at(time_point now) {
  if (now < good_until_) return text_;
  // Spelt out instead of strftime: the names of IMF-fixdate (RFC 9110, 5.6.7) do not follow the locale.
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto wall = time_.wall();
  const auto second = std::chrono::floor<std::chrono::seconds>(wall);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock_face{second - day};
  text_ = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday{day}.c_encoding()],
                      static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                      static_cast<int>(date.year()), clock_face.hours().count(), clock_face.minutes().count(),
                      clock_face.seconds().count());
  good_until_ = now + (second + std::chrono::seconds{1} - wall);
  return text_;
}

}  // namespace ctxcache::http
