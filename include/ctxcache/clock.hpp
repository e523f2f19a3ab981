#pragma once

#include <chrono>

namespace ctxcache {

/// Time that never jumps and goes on while the machine sleeps (CLOCK_BOOTTIME): all TTLs and deadlines are in
/// it.
struct boot_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<boot_clock>;
  static constexpr bool is_steady = true;

  [[nodiscard]] static time_point now() noexcept;
};

using time_point = boot_clock::time_point;

/// Where time comes from; a manual clock takes its place in tests. Safe to call from every thread.
class clock {
 public:
  virtual ~clock() = default;
  [[nodiscard]] virtual time_point now() const noexcept = 0;
  /// Civil time, for what people read (`generated_at`); never for TTLs.
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall() const noexcept = 0;
};

/// The machine's clock. Lives for ever.
[[nodiscard]] const clock& machine_clock() noexcept;

}  // namespace ctxcache
