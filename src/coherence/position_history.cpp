#include "coherence/position_history.hpp"

#include <algorithm>

namespace ctxcache::coherence {

void position_history::note(position here, time_point now) {
  const std::lock_guard lock{mutex_};
  if (written_ != 0) {
    const auto& last = newest(0);
    const bool too_soon = here.epoch == last.here.epoch && now < last.at + apart;
    if (here == last.here || too_soon) return;
  }
  notes_[written_ % notes_max] = {here, now};
  ++written_;
}

std::optional<std::uint64_t> position_history::applied_by(time_point then, std::uint64_t epoch) const {
  const std::lock_guard lock{mutex_};
  const auto kept = std::min(written_, notes_max);
  // Most are asked about a time shortly before: from the newest back.
  for (std::size_t age = 0; age < kept; ++age) {
    const auto& one = newest(age);
    if (one.here.epoch != epoch) return std::nullopt;
    if (one.at <= then) return one.here.sequence;
  }
  return std::nullopt;
}

}  // namespace ctxcache::coherence
