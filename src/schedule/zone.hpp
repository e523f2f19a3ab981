#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace date {
class time_zone;
}

namespace ctxcache::schedule {

/// A moment, in whole seconds: no schedule is finer than a minute.
using instant = std::chrono::sys_seconds;
/// What the clocks on a zone's walls show.
using civil = std::chrono::local_seconds;

/// Why something cannot be a schedule, as a sentence for who wrote it.
struct problem {
  std::string why;
};

/// A time zone of the system's database (tzdata). Cheap to copy; safe to use from every thread.
class zone {
 public:
  /// By a name such as "Europe/Berlin" or "UTC".
  [[nodiscard]] static std::variant<zone, problem> find(std::string_view name);

  /// A stretch of time without a change of the clocks: from `begin` until before `end`.
  struct stretch {
    instant begin;
    instant end;
    std::chrono::seconds offset;  ///< what the clocks show less UTC
    [[nodiscard]] civil shown(instant at) const { return civil{(at + offset).time_since_epoch()}; }
    [[nodiscard]] instant when(civil show) const { return instant{show.time_since_epoch()} - offset; }
  };
  [[nodiscard]] stretch around(instant at) const;

  /// When the clocks show that: the first time when they do so twice, and when they never do because they
  /// were put forward over it, the moment in which they were.
  [[nodiscard]] instant first(civil show) const;

  [[nodiscard]] const std::string& name() const;

 private:
  explicit zone(const date::time_zone* found) : zone_(found) {}
  const date::time_zone* zone_;  // lives as long as the process
};

}  // namespace ctxcache::schedule
