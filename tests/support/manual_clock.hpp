#pragma once

#include <atomic>
#include <chrono>

#include "ctxcache/clock.hpp"

namespace ctxcache::test {

/// A clock that stands still until it is told to go on. Safe to call from every thread.
class manual_clock final : public clock {
 public:
  [[nodiscard]] time_point now() const noexcept override {
    return time_point{boot_clock::duration{now_.load()}};
  }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const noexcept override {
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(boot_clock::duration{now_.load()})};
  }
  void advance(boot_clock::duration by) noexcept { now_ += by.count(); }

 private:
  std::atomic<boot_clock::rep> now_{1'000'000'000'000};  // not zero: nothing may depend on the start
};

}  // namespace ctxcache::test
