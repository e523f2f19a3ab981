#include "ctxcache/clock.hpp"

#include <ctime>

namespace ctxcache {

boot_clock::time_point boot_clock::now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return time_point{std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

namespace {
class machine final : public clock {
 public:
  [[nodiscard]] time_point now() const noexcept override { return boot_clock::now(); }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const noexcept override {
    return std::chrono::system_clock::now();
  }
};
}  // namespace

const clock& machine_clock() noexcept {
  static const machine only;
  return only;
}

}  // namespace ctxcache
