#include "coherence/validity.hpp"

#include <algorithm>
#include <mutex>

#include "base/assert.hpp"
#include "base/mutant.hpp"
#include "model/glob.hpp"

namespace ctxcache::coherence {
namespace {

// While the table is rebuilt: nothing is valid, and no stamp taken meanwhile will ever be.
constexpr std::uint64_t no_epoch = 0;

// There is one writer at a time.
void raise_to(std::atomic<std::uint64_t>& number, std::uint64_t at_least) noexcept {
  if (number.load(std::memory_order_relaxed) < at_least) number.store(at_least, std::memory_order_release);
}

}  // namespace

validity::validity(position start, const limits& how)
    : limits_(how), epoch_(start.epoch), sequence_(start.sequence), scopes_(how.buckets) {
  CTX_ASSERT(start.epoch != no_epoch);
  CTX_ASSERT(how.grace >= how.grace.zero());
  CTX_ASSERT(how.own_loads >= how.own_loads.zero());
}

position validity::current() const noexcept {
  // The epoch first: a restart names its epoch last, so what is read with it has been applied in it.
  const auto epoch = epoch_.load(std::memory_order_acquire);
  return {epoch, sequence_.load(std::memory_order_acquire)};
}

bool validity::holds(const hashed_key& wanted, const position& stamp) const noexcept {
  if (CTX_MUTANT(eager_drop)) return stamp.epoch == epoch_.load(std::memory_order_acquire);
  return stamp.epoch != no_epoch && stamp.epoch == epoch_.load(std::memory_order_acquire) &&
         stamp.sequence >= everything_.load(std::memory_order_acquire) &&
         stamp.sequence >= scopes_.newest(wanted.hash.customer) &&
         stamp.sequence >= scopes_.newest(wanted.hash.agent_type) &&
         stamp.sequence >= scopes_.newest(wanted.hash.whole) &&
         (stamp.sequence >= newest_pattern_.load(std::memory_order_acquire) ||
          stamp.sequence >= newest_pattern(wanted.text));
}

bool validity::serves(const hashed_key& wanted, const entry& value, time_point now,
                      bool strict) const noexcept {
  if (!licensed(now, strict) && (strict || !own_counts(value, now))) return false;
  if (pending_forbids(wanted.text, value)) return false;
  // Read before the table: a raise in between leaves the entry with an old generation, to be looked up again.
  auto generation = generation_.load(std::memory_order_acquire);
  while (value.checked_at.load(std::memory_order_relaxed) != generation) {
    if (!holds(wanted, value.stamp)) return false;
    // A restart may have emptied the table while we looked; then the look says nothing.
    const auto after = generation_.load(std::memory_order_acquire);
    if (after == generation) {
      value.checked_at.store(generation, std::memory_order_relaxed);
      break;
    }
    generation = after;
  }
  return true;
}

// Who has lost touch with the fleet spares its providers a call for each read (ADR 4). An own load counts
// from its beginning: what it brings may have been overtaken ever since.
bool validity::own_counts(const entry& value, time_point now) const noexcept {
  const auto begun = value.loaded_at - value.load_duration;
  return value.own && (CTX_MUTANT(own_any_age) || now - begun < limits_.grace) &&
         now.time_since_epoch().count() < own_until_.load(std::memory_order_acquire);
}

std::uint64_t validity::newest(const hashed_key& wanted) const noexcept {
  return std::max({everything_.load(std::memory_order_acquire), scopes_.newest(wanted.hash.customer),
                   scopes_.newest(wanted.hash.agent_type), scopes_.newest(wanted.hash.whole),
                   newest_pattern(wanted.text)});
}

rejection validity::objection(const hashed_key& wanted, const position& stamp) const {
  const auto& [customer, agent_type, whole] = wanted.hash;
  const auto older_than = [&](std::uint64_t number) { return stamp.sequence < number; };
  if (stamp.epoch == no_epoch || stamp.epoch != epoch_.load(std::memory_order_acquire))
    return rejection::epoch;
  if (older_than(everything_.load(std::memory_order_acquire))) return rejection::all;
  if (older_than(scopes_.known(customer))) return rejection::customer;
  if (older_than(scopes_.known(agent_type))) return rejection::agent_type;
  if (older_than(scopes_.known(whole))) return rejection::key;
  if (older_than(newest_pattern(wanted.text))) return rejection::pattern;
  const bool shared = older_than(scopes_.newest(customer)) || older_than(scopes_.newest(agent_type)) ||
                      older_than(scopes_.newest(whole));
  return shared ? rejection::shared_bucket : rejection::pending;
}

std::uint64_t validity::newest_pattern(const key_view& wanted) const {
  const std::shared_lock lock{patterns_mutex_};
  const auto newest_match = std::find_if(patterns_.rbegin(), patterns_.rend(), [&](const pattern& one) {
    return glob_matches(one.glob, wanted.text());
  });
  return newest_match == patterns_.rend() ? 0 : newest_match->sequence;
}

void validity::raise(const scope& what, const key_hasher& hash, std::uint64_t sequence) {
  CTX_ASSERT(sequence != 0);
  switch (what.kind()) {
    case scope_kind::all:
      raise_to(everything_, sequence);
      break;
    case scope_kind::pattern:
      raise_pattern(what.text(), sequence);
      break;
    case scope_kind::customer:
    case scope_kind::agent_type:
    case scope_kind::key:
      scopes_.raise(hash(what), sequence);
      break;
  }
  generation_.fetch_add(1, std::memory_order_release);
}

void validity::raise_pattern(const std::string& glob, std::uint64_t sequence) {
  const std::unique_lock lock{patterns_mutex_};
  std::erase_if(patterns_, [&](const pattern& one) { return one.glob == glob && one.sequence <= sequence; });
  if (patterns_.size() == patterns_max) {
    // The oldest becomes `all` at its own number: wider than it was, so never stale.
    raise_to(everything_, patterns_.front().sequence);
    patterns_.erase(patterns_.begin());
  }
  const auto after = std::ranges::upper_bound(patterns_, sequence, {}, &pattern::sequence);
  patterns_.insert(after, {glob, sequence});
  raise_to(newest_pattern_, sequence);
}

void validity::advance(std::uint64_t sequence) noexcept {
  raise_to(sequence_, sequence);
}

void validity::restart(position at, std::uint64_t floor, std::span<const raised> messages,
                       const key_hasher& hash) {
  CTX_ASSERT(at.epoch != no_epoch);
  CTX_ASSERT(floor <= at.sequence);
  epoch_.store(no_epoch, std::memory_order_release);
  generation_.fetch_add(1, std::memory_order_acq_rel);
  everything_.store(floor, std::memory_order_release);
  newest_pattern_.store(0, std::memory_order_release);
  scopes_.clear();
  {
    const std::unique_lock lock{patterns_mutex_};
    patterns_.clear();
  }
  for (const auto& one : messages) raise(one.what, hash, one.sequence);
  sequence_.store(at.sequence, std::memory_order_release);
  epoch_.store(at.epoch, std::memory_order_release);
  generation_.fetch_add(1, std::memory_order_acq_rel);
}

std::uint64_t validity::mark_pending(const scope& what, time_point since) {
  const std::unique_lock lock{pending_mutex_};
  pending_.emplace(++last_mark_, pending{what, since});
  youngest_pending_ = std::max(youngest_pending_, since);
  pending_count_.store(pending_.size(), std::memory_order_release);
  return last_mark_;
}

void validity::settle(std::uint64_t mark) {
  const std::unique_lock lock{pending_mutex_};
  pending_.erase(mark);
  pending_count_.store(pending_.size(), std::memory_order_release);
}

std::optional<time_point> validity::pending_since(const key_view& wanted) const {
  if (pending_count_.load(std::memory_order_acquire) == 0) return std::nullopt;
  const std::shared_lock lock{pending_mutex_};
  // A long list is not searched at each read: it counts as one of everything.
  if (pending_.size() > pending_searched_max) return youngest_pending_;
  std::optional<time_point> youngest;
  for (const auto& [mark, one] : pending_) {
    if (one.what.covers(wanted)) youngest = std::max(youngest.value_or(one.since), one.since);
  }
  return youngest;
}

bool validity::pending_forbids(const key_view& wanted, const entry& value) const {
  const auto since = pending_since(wanted);
  return since && !(value.own && value.loaded_at - value.load_duration >= *since);
}

void validity::license(time_point until) noexcept {
  const auto after = [until](boot_clock::duration more) {
    return (until + std::min(more, time_point::max() - until)).time_since_epoch().count();
  };
  strict_until_.store(after({}), std::memory_order_release);
  licensed_until_.store(after(limits_.grace), std::memory_order_release);
  own_until_.store(after(limits_.own_loads), std::memory_order_release);
}

void validity::revoke() noexcept {
  for (auto* until : {&strict_until_, &licensed_until_, &own_until_}) {
    until->store(0, std::memory_order_release);
  }
}

}  // namespace ctxcache::coherence
