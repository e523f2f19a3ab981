#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "ctxcache/entry.hpp"

namespace ctxcache {

/// The warmed entries that were hit, until somebody takes the list. Safe to call from every thread.
class credits {
 public:
  /// A hit of that entry; only the first one of each copy counts.
  void note(const entry& hit) {
    if (hit.credit.run == 0 || hit.credited.exchange(true, std::memory_order_relaxed)) return;
    const std::lock_guard lock{mutex_};
    if (noted_.size() < noted_max) noted_.push_back(hit.credit);
  }
  [[nodiscard]] std::vector<warm_mark> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(noted_, {});
  }

 private:
  // Where nobody takes them, which is where nothing is warmed, there is no end to them.
  static constexpr std::size_t noted_max = 100'000;
  std::mutex mutex_;
  std::vector<warm_mark> noted_;  // Guarded by mutex_.
};

}  // namespace ctxcache
