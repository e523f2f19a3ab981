#include "coherence/member.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace ctxcache::coherence {

member::member(validity& table, const key_hasher& hash, fleet_constants constants)
    : table_(table), hash_(hash), constants_(constants) {
  CTX_ASSERT(constants.licence.count() > 0);
  CTX_ASSERT(constants.grace.count() >= 0);
}

member::wanted member::heard(time_point sent, time_point now, const position& last, bool acknowledged) {
  CTX_ASSERT(sent <= now);
  const auto here = table_.current();
  if (!in_fleet_ || last.epoch != here.epoch || last.sequence < here.sequence) {
    in_fleet_ = false;
    claim_.reset();
    return wanted::join;
  }
  if (acknowledged) {
    claim_ = claim{sent, last};
    extend();
  }
  return wanted::nothing;
}

// The licence counts from the sending: what was published before the answer is in `last`, and that is
// applied.
void member::extend() {
  if (!claim_ || table_.current().sequence < claim_->last.sequence) return;
  CTX_ASSERT(table_.current().epoch == claim_->last.epoch);
  table_.license(claim_->sent + constants_.licence);
  claim_.reset();
}

member::wanted member::arrived(std::span<const log_message> messages) {
  if (!in_fleet_) return wanted::join;
  auto next = wanted::nothing;
  for (const auto& one : messages) {
    const auto here = table_.current();
    if (one.at.epoch == here.epoch && one.at.sequence <= here.sequence) continue;  // seen when we joined
    if (one.at.epoch != here.epoch || one.at.sequence != here.sequence + 1) {
      in_fleet_ = false;
      claim_.reset();
      return wanted::join;
    }
    table_.raise(one.said.what, hash_, one.at.sequence);
    table_.advance(one.at.sequence);
    if (one.said.fence) next = wanted::heartbeat;
  }
  extend();
  return next;
}

bool member::joined(time_point now, const position& last, std::span<const log_message> messages) {
  CTX_ASSERT(last.epoch != 0);
  std::vector<validity::raised> raised;
  auto reached = messages.empty() ? last.sequence : messages.front().at.sequence - 1;
  const auto floor = reached;
  for (const auto& one : messages) {
    if (one.at.epoch != last.epoch || one.at.sequence != reached + 1) return false;
    reached = one.at.sequence;
    raised.push_back({one.said.what, one.at.sequence});
  }
  if (reached < last.sequence) return false;
  if (table_.current().epoch != last.epoch) epoch_known_since_ = now;
  table_.restart({last.epoch, reached}, floor, raised, hash_);
  in_fleet_ = true;
  return true;
}

void member::published(const scope& what, const position& at) {
  // In another epoch the message says nothing about our entries; we are about to rejoin.
  if (table_.current().epoch == at.epoch) table_.raise(what, hash_, at.sequence);
}

boot_clock::duration member::silence_max() const {
  constexpr std::chrono::milliseconds reading{50};
  const boot_clock::duration longest = constants_.licence + constants_.grace;
  return longest + longest / 100 + reading;
}

member::verdict member::judge_fence(const position& at, time_point published_at, const position& last,
                                    std::span<const fellow> fellows, time_point now) const {
  if (last.epoch != at.epoch || table_.current().epoch != at.epoch) return verdict::start_over;
  if (now >= published_at + silence_max()) return verdict::confirmed;
  const bool epoch_is_old = now >= epoch_known_since_ + silence_max();
  const bool all_applied =
      std::ranges::all_of(fellows, [&](const fellow& one) { return one.applied >= at.sequence; });
  return epoch_is_old && all_applied && in_fleet_ ? verdict::confirmed : verdict::waiting;
}

}  // namespace ctxcache::coherence
