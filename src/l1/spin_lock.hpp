#pragma once

#include <atomic>
#include <thread>

namespace ctxcache::l1 {

/// A lock for critical sections of some tens of nanoseconds; meets BasicLockable. Not recursive, not fair.
class spin_lock {
 public:
  void lock() noexcept {
    while (held_.exchange(true, std::memory_order_acquire)) {
      // Spinning on a plain load leaves the line shared until the holder writes it. A holder that was
      // preempted needs this core back, hence the yield.
      for (int spins = 0; held_.load(std::memory_order_relaxed); ++spins) {
        if (spins < spins_before_yield) {
          pause();
        } else {
          std::this_thread::yield();
        }
      }
    }
  }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }

 private:
  static constexpr int spins_before_yield = 100;
  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb");
#endif
  }

  std::atomic<bool> held_{false};
};

}  // namespace ctxcache::l1
