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

  /// The 99th percentile of what was answered in the last 2 to 3 seconds, as the upper bound of its bucket; 0
  /// when nothing was. Call it at least once a second; the first call begins.
  [[nodiscard]] std::chrono::milliseconds p99();

 private:
  struct look {
    time_point at;
    duration_counts counts;
  };
  const std::function<duration_counts()> so_far_;
  const clock& time_;
  std::mutex mutex_;
  std::deque<look> looks_;  // Guarded by mutex_. The first one is where the span begins.
};

}  // namespace ctxcache::warming
