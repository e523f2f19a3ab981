#pragma once

#include <algorithm>
#include <chrono>

#include "ctxcache/clock.hpp"

namespace ctxcache {

/// The absolute end of a piece of work. Set once at the edge, passed down, only ever shortened.
struct deadline {
  time_point at = time_point::max();

  [[nodiscard]] static deadline after(time_point now, boot_clock::duration budget) { return {now + budget}; }
  [[nodiscard]] bool passed(time_point now) const { return now >= at; }
  /// Never negative.
  [[nodiscard]] boot_clock::duration remaining(time_point now) const {
    return at <= now ? boot_clock::duration::zero() : at - now;
  }
  /// The earlier of this one and `budget` from now.
  [[nodiscard]] deadline within(time_point now, boot_clock::duration budget) const {
    return at - now < budget ? *this : deadline{now + budget};
  }
};

}  // namespace ctxcache
