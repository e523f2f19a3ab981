#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "schedule/zone.hpp"

namespace ctxcache::schedule {

/// A cron expression: five fields, minute hour day-of-month month day-of-week, or one of @yearly (@annually),
/// @monthly, @weekly, @daily (@midnight) and @hourly; before it, if wanted, "CRON_TZ=Europe/Berlin ".
///
/// As in Vixie cron, a day matches when day-of-month or day-of-week does; both must when one of the fields
/// begins with `*`. 0 and 7 are Sunday.
///
/// When clocks change, what is meant depends on the hour field. Begins it with `*`, the expression follows
/// the clock on the wall: a time that is skipped is left out, one that comes twice counts twice. Otherwise it
/// names fixed times, and each counts once: a skipped one at the moment in which the clocks are put forward,
/// a doubled one the first time. (Vixie cron and cronie do the same, but look at the minute field as well.)
///
/// A value; safe to use from every thread.
class cron {
 public:
  /// `in` is the zone for an expression that names none. What never comes (30 February) is refused.
  [[nodiscard]] static std::variant<cron, problem> parse(std::string_view expression, zone in);

  /// The first time after that one. None only when the next is more than 50 years away.
  [[nodiscard]] std::optional<instant> next(instant after) const;

  [[nodiscard]] const zone& where() const { return zone_; }

 private:
  explicit cron(zone in) : zone_(in) {}

  [[nodiscard]] std::optional<problem> take_fields(const std::vector<std::string_view>& words);
  [[nodiscard]] bool can_match() const;
  [[nodiscard]] bool matches(std::chrono::year_month_day day) const;
  [[nodiscard]] std::optional<std::chrono::minutes> first_time(std::chrono::minutes least) const;
  [[nodiscard]] std::optional<civil> first_match(civil from) const;
  [[nodiscard]] std::optional<instant> next_shown(instant after) const;
  [[nodiscard]] std::optional<instant> next_fixed(instant after) const;

  zone zone_;
  // What matches, as bits.
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t weekdays_ = 0;
  bool both_days_ = false;    // day-of-month and day-of-week must match, not only one
  bool fixed_hours_ = false;  // the hour field does not begin with *
};

}  // namespace ctxcache::schedule
