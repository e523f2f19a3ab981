#include "coherence/member.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/mutant.hpp"

namespace ctxcache::coherence {

member::member(validity& table, const key_hasher& hash, fleet_constants constants)
    : table_(table), hash_(hash), constants_(constants) {
  CTX_ASSERT(constants.licence.count() > 0);
  CTX_ASSERT(constants.grace.count() >= 0);
  CTX_ASSERT(constants.own_loads.count() >= 0);
}

member::wanted member::heard(time_point sent, time_point now, const beat_answer& said) {
  CTX_ASSERT(sent <= now);
  const auto& last = said.last;
  settle_lost(last, sent);
  const auto here = table_.current();
  const auto certain = std::exchange(certain_, here.sequence);
  if (!in_fleet_ || last.epoch != here.epoch || last.sequence < certain) {
    in_fleet_ = false;
    claim_.reset();
    return wanted::join;
  }
  epoch_is_old_ = said.epoch_is_old;
  if (said.acknowledged) {
    claim_ = claim{CTX_MUTANT(licence_from_reply) ? now : sent, last};
    extend();
  }
  return wanted::nothing;
}

void member::expel() {
  in_fleet_ = false;
  claim_.reset();
  table_.revoke();
}

bool member::epoch_is_old(time_point now) const {
  return in_fleet_ &&
         (epoch_is_old_ || CTX_MUTANT(no_epoch_age) || now >= epoch_known_since_ + silence_max());
}

// A message of an epoch that was over when the heartbeat left is void, as is all that was loaded in that
// epoch. Who published it says it again.
void member::settle_lost(const position& last, time_point sent) {
  std::erase_if(own_, [&](const own_message& one) {
    const bool lost = one.at.epoch != last.epoch && one.answered_at <= sent;
    if (lost) table_.settle(one.mark);
    return lost;
  });
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
  const auto here = table_.current();
  std::erase_if(own_, [&](const own_message& one) {
    return one.at.epoch == here.epoch && one.at.sequence <= here.sequence;
  });
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
  // What we published since the heartbeat may not have been read.
  for (const auto& one : own_) {
    if (one.at.epoch == last.epoch && one.at.sequence > reached)
      raised.push_back({one.what, one.at.sequence});
  }
  if (table_.current().epoch != last.epoch) {
    epoch_known_since_ = now;
    epoch_is_old_ = false;
  }
  table_.restart({last.epoch, reached}, floor, raised, hash_);
  std::erase_if(own_, [&](const own_message& one) {
    if (one.at.epoch != last.epoch) return false;
    table_.settle(one.mark);
    return one.at.sequence <= reached;
  });
  in_fleet_ = true;
  certain_ = reached;
  return true;
}

void member::published(const scope& what, const position& at, time_point answered_at, std::uint64_t mark) {
  const auto here = table_.current();
  // Of another epoch's message the table can say nothing: its mark stays until we have joined that epoch.
  if (at.epoch == here.epoch) {
    if (!CTX_MUTANT(no_local_apply)) table_.raise(what, hash_, at.sequence);
    table_.settle(mark);
    if (at.sequence <= here.sequence) return;
  }
  own_.push_back({what, at, answered_at, mark});
}

namespace {

// Clocks may run apart by one in a hundred, and reading them takes a moment.
boot_clock::duration with_margin(boot_clock::duration longest) {
  constexpr std::chrono::milliseconds reading{50};
  return longest + longest / 100 + reading;
}

}  // namespace

// Anything is served for the grace after the licence, own loads for the grace after they began.
boot_clock::duration member::deaf_max() const {
  if (CTX_MUTANT(fence_without_grace)) return with_margin(constants_.licence);
  return with_margin(constants_.licence + constants_.grace);
}

boot_clock::duration member::silence_max() const {
  return with_margin(constants_.licence + std::max(constants_.grace, constants_.own_loads));
}

member::verdict member::judge_fence(const position& at, time_point published_at, const position& last,
                                    std::span<const fellow> fellows, time_point now) const {
  if (last.epoch != at.epoch) return verdict::start_over;
  if (table_.current().epoch != at.epoch) return verdict::waiting;  // for us to join it
  if (now >= published_at + deaf_max()) return verdict::confirmed;
  const bool all_applied =
      std::ranges::all_of(fellows, [&](const fellow& one) { return one.applied >= at.sequence; });
  return epoch_is_old(now) && all_applied ? verdict::confirmed : verdict::waiting;
}

}  // namespace ctxcache::coherence
