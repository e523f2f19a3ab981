#pragma once

#include <chrono>
#include <cstdint>

#include "ctxcache/clock.hpp"

namespace ctxcache::redis {

/// Skips a server that keeps failing, and tries it again now and then with a single call. Time is passed in.
/// Closed: all calls go through. Open: none does, for a while. Half open: one, and its outcome decides;
/// without an outcome in as long a while, another.
class breaker {
 public:
  struct limits {
    unsigned failures = 5;  ///< this many in a row open it
    boot_clock::duration open_min = std::chrono::seconds{1};
    boot_clock::duration open_max = std::chrono::seconds{10};  ///< it doubles up to here while probes fail
  };
  enum class state : std::uint8_t { closed, open, half_open };
  enum class outcome : std::uint8_t {
    success,
    failure,
    neither,  ///< nothing was learnt: the call did not reach the server
  };

  breaker() : breaker(limits{}) {}
  explicit breaker(const limits& with) : with_(with), open_for_(with.open_min) {}

  /// Whether a call may go through now. After true a `record` follows.
  [[nodiscard]] bool admit(time_point now);
  void record(outcome what, time_point now);
  [[nodiscard]] state now() const { return state_; }

 private:
  limits with_;
  state state_ = state::closed;
  unsigned failures_ = 0;    // in a row
  time_point skip_until_{};  // open: the end of it; half open: when the probe counts as lost
  boot_clock::duration open_for_;
};

}  // namespace ctxcache::redis
