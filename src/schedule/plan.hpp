#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "schedule/cron.hpp"

namespace ctxcache::schedule {

/// What is to happen with a run whose time passed while nobody could start it.
enum class missed_run {
  run,  ///< as soon as somebody can; once, however many were missed
  skip,
};

/// When something is to run, as it is configured.
struct timing {
  std::string name{};            ///< of the schedule: its jitter is drawn from it
  std::string cron{};            ///< either this
  std::string before{};          ///< or a peak, "08:30 Mon-Fri": the days as in cron, every day without them
  std::chrono::seconds lead{0};  ///< how long before the peak
  std::string timezone = "UTC";  ///< unless the expression begins with CRON_TZ
  std::chrono::seconds jitter{0};  ///< a run begins up to so much later
  missed_run missed = missed_run::run;
};

/// One planned run.
struct occurrence {
  instant at;   ///< as planned: names it, in every process
  instant due;  ///< when it begins: `at` and its share of the jitter, before the next occurrence's `at`
  friend bool operator==(const occurrence&, const occurrence&) = default;
};

/// When something runs next, and what is to be done now. Each of its answers follows from its arguments only,
/// so that all processes of a fleet with the same timing agree. A value; safe to use from every thread.
///
/// A run that is not begun within `window` of its due time is missed. Time may jump: nothing that is not
/// behind the last run is due, and a last run that lies more than `mistake` ahead was made by a clock that
/// was wrong, and counts no more.
class plan {
 public:
  static constexpr std::chrono::seconds window{300};
  static constexpr std::chrono::days mistake{1};

  [[nodiscard]] static std::variant<plan, problem> make(const timing& wanted);

  /// The first occurrence planned after that. None only when there is none in 50 years.
  [[nodiscard]] std::optional<occurrence> next(instant after) const;

  struct decision {
    enum class action { wait, run, skip };
    action what = action::wait;
    /// Of run and skip: the latest that is due. Of wait: the next one, if there is any.
    std::optional<occurrence> which{};
    bool missed = false;  ///< it should have begun over a window ago
  };
  /// What is to be done now. `last` is the latest occurrence that was run or skipped, or, for one that never
  /// has been, the moment from which occurrences count.
  [[nodiscard]] decision decide(instant last, instant now) const;
  /// Whether a last run cannot have been: see `mistake`.
  [[nodiscard]] static bool is_mistake(instant last, instant now) { return last > now + mistake; }

  /// The timing as a text that changes with it.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  plan(cron times, const timing& wanted);
  [[nodiscard]] std::optional<instant> planned(instant after) const;
  [[nodiscard]] std::optional<occurrence> latest(instant after, instant upto) const;

  cron times_;
  std::chrono::seconds lead_;
  std::chrono::seconds jitter_;
  missed_run missed_;
  std::string name_;
  std::string text_;
};

}  // namespace ctxcache::schedule
