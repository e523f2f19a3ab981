#include "redis/breaker.hpp"

#include <algorithm>

namespace ctxcache::redis {

bool breaker::admit(time_point now) {
  if (state_ == state::closed) return true;
  if (state_ == state::open && now >= open_until_) state_ = state::half_open;
  if (state_ == state::open || probing_) return false;
  probing_ = true;
  return true;
}

void breaker::record(outcome what, time_point now) {
  if (state_ == state::open) return;  // of a call that was admitted before it opened
  probing_ = false;
  if (what == outcome::success) {
    state_ = state::closed;
    failures_ = 0;
    open_for_ = with_.open_min;
  } else if (what == outcome::failure) {
    if (state_ == state::half_open) {
      open_for_ = std::min(open_for_ * 2, with_.open_max);
      open(now);
    } else if (++failures_ >= with_.failures) {
      open(now);
    }
  }
}

void breaker::open(time_point now) {
  state_ = state::open;
  failures_ = 0;
  open_until_ = now + open_for_;
}

}  // namespace ctxcache::redis
