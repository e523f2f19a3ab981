#pragma once

#include <chrono>
#include <functional>

namespace ctxcache::warming {

/// What jobs must not slow down. Belongs to one executor.
struct live_reads {
  static constexpr std::chrono::seconds now{2};
  static constexpr std::chrono::seconds before{30};

  /// Over the last so many seconds; 0 when nobody has read.
  std::function<std::chrono::microseconds(std::chrono::seconds)> p99{};
  std::chrono::microseconds p99_before{0};  ///< over the 30 s before the jobs that run now

  [[nodiscard]] std::chrono::microseconds p99_now() const { return p99(now); }
};

}  // namespace ctxcache::warming
