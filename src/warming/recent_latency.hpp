#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>

#include "ctxcache/clock.hpp"
#include "ctxcache/stats.hpp"

namespace ctxcache::warming {

/// How long live reads took of late, told from counts that only grow. Safe to call from every thread.
class recent_latency {
 public:
  /// `so_far` gives the counts since the start, from any thread.
  recent_latency(std::function<duration_counts()> so_far, const clock& time)
      : so_far_(std::move(so_far)), time_(time) {}

  static constexpr std::chrono::seconds longest{60};

  /// The 99th percentile of what was answered in about the last `span`, at most `longest`; 0 when nothing
  /// was. Call it at least once a second; the first call begins.
  [[nodiscard]] std::chrono::microseconds p99(std::chrono::seconds span);

 private:
  struct look {
    time_point at;
    duration_counts counts;
  };
  const std::function<duration_counts()> so_far_;
  const clock& time_;
  std::mutex mutex_;
  std::deque<look> looks_;  // Guarded by mutex_.
};

}  // namespace ctxcache::warming
