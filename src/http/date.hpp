#pragma once

#include <string>
#include <string_view>

#include "ctxcache/clock.hpp"

namespace ctxcache::http {

/// The value of `Date`, made anew once a second. For one thread.
class date_line {
 public:
  explicit date_line(const clock& time) : time_(time) {}
  [[nodiscard]] std::string_view at(time_point now);

 private:
  const clock& time_;
  time_point good_until_{};
  std::string text_;
};

}  // namespace ctxcache::http
