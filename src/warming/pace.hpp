#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "ctxcache/clock.hpp"

namespace ctxcache::warming {

/// How fast a job may load: so many at a time and a second, less while live reads are slow or providers
/// fail, more again step by step. Times are given; no I/O, no threads.
///
/// - While others read it begins with an eighth of what was ordered, else with all of it.
/// - Each second it is judged: when live p99 is over the limit, or more than 1 in 20 loads of this process
///   fail, the concurrency is halved; else it grows by a sixteenth of what was ordered.
/// - The limit is a quarter over live p99 before the job, so that what grows until it is too fast stays
///   within half over it on the whole; never under `negligible`.
/// - When 10 of the job's last 20 loads have failed, the providers are taken to be down: it pauses for a
///   second, then for twice as long each time up to ten, with one load in between to see whether they are
///   back.
class pace {
 public:
  struct budget {
    std::size_t concurrency = 1;               ///< at least 1
    double loads_per_second = 0;               ///< 0: no limit but the concurrency
    std::chrono::milliseconds slow_above{50};  ///< the limit where nobody has read before the job
    std::chrono::microseconds p99_before{0};   ///< of live reads, before any job; 0: nobody has read
    bool others_read = false;                  ///< now
  };
  /// What nobody notices, however much more it is than before.
  static constexpr std::chrono::microseconds negligible{500};

  pace(const budget& may, time_point now);

  /// When the next load may begin while so many run; time_point::max(): when one of those has ended.
  [[nodiscard]] time_point next(time_point now, std::size_t running) const;
  void began(time_point now);
  /// Of a load that began: whether a provider failed it.
  void ended(time_point now, bool failed);

  /// All loads of this process since its start.
  struct totals {
    std::uint64_t loads = 0;
    std::uint64_t errors = 0;
  };
  /// Once a second.
  void judge(std::chrono::microseconds live_p99, const totals& so_far);

  [[nodiscard]] std::size_t concurrency() const { return concurrency_; }
  /// The providers are taken to be down.
  [[nodiscard]] bool paused() const { return pause_.count() != 0; }
  /// Since when; meaningful while paused.
  [[nodiscard]] time_point paused_since() const { return paused_since_; }

 private:
  [[nodiscard]] double tokens(time_point now) const;
  void pause(time_point now);

  const budget may_;
  const std::chrono::microseconds slow_;
  std::size_t concurrency_;
  double tokens_;  // at `counted_at_`; a load takes one
  time_point counted_at_;
  std::uint32_t outcomes_ = 0;  // of the last 20 loads, the latest in the lowest bit; 1: failed
  totals seen_{};
  bool judged_ = false;
  std::chrono::milliseconds pause_{0};  // the present one's length; 0: none
  time_point paused_since_{};
  time_point resumes_at_{};
};

}  // namespace ctxcache::warming
