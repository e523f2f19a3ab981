#include "redis/breaker.hpp"

#include <algorithm>

namespace ctxcache::redis {

bool breaker::admit(time_point now) {
  if (state_ == state::closed) return true;
  if (now < skip_until_) return false;
  state_ = state::half_open;
  skip_until_ = now + open_for_;
  return true;
}

void breaker::record(outcome what, time_point now) {
  if (state_ == state::open) return;  // of a call that was admitted before it opened
  const bool probed = state_ == state::half_open;
  if (what == outcome::success) {
    state_ = state::closed;
    failures_ = 0;
    open_for_ = with_.open_min;
  } else if (what == outcome::neither) {
    if (probed) skip_until_ = now;
  } else if (probed || ++failures_ >= with_.failures) {
    if (probed) open_for_ = std::min(open_for_ * 2, with_.open_max);
    state_ = state::open;
    failures_ = 0;
    skip_until_ = now + open_for_;
  }
}

}  // namespace ctxcache::redis
