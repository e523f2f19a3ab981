#include "coherence/validity.hpp"

#include <algorithm>
#include <mutex>

#include "base/assert.hpp"
#include "model/glob.hpp"

namespace ctxcache::coherence {
namespace {

void raise_to(std::atomic<std::uint64_t>& number, std::uint64_t at_least) noexcept {
  auto seen = number.load(std::memory_order_relaxed);
  while (seen < at_least && !number.compare_exchange_weak(seen, at_least, std::memory_order_release)) {
  }
}

}  // namespace

validity::validity(position start, std::size_t buckets)
    : epoch_(start.epoch), sequence_(start.sequence), scopes_(buckets) {
  CTX_ASSERT(start.epoch != 0);
}

position validity::current() const noexcept {
  return {epoch_, sequence_.load(std::memory_order_acquire)};
}

bool validity::holds(const hashed_key& wanted, const position& stamp) const noexcept {
  return stamp.epoch == epoch_ && stamp.sequence >= everything_.load(std::memory_order_acquire) &&
         stamp.sequence >= scopes_.newest(wanted.hash.customer) &&
         stamp.sequence >= scopes_.newest(wanted.hash.agent_type) &&
         stamp.sequence >= scopes_.newest(wanted.hash.whole) &&
         (stamp.sequence >= newest_pattern_.load(std::memory_order_acquire) ||
          stamp.sequence >= newest_pattern(wanted.text));
}

bool validity::serves(const hashed_key& wanted, const entry& value, time_point now) const noexcept {
  if (!licensed(now)) return false;
  // Read before the table: a raise in between leaves the entry with an old generation, to be looked up again.
  const auto generation = generation_.load(std::memory_order_acquire);
  if (value.checked_at.load(std::memory_order_relaxed) == generation) return true;
  if (!holds(wanted, value.stamp)) return false;
  value.checked_at.store(generation, std::memory_order_relaxed);
  return true;
}

std::uint64_t validity::newest(const hashed_key& wanted) const noexcept {
  return std::max({everything_.load(std::memory_order_acquire), scopes_.newest(wanted.hash.customer),
                   scopes_.newest(wanted.hash.agent_type), scopes_.newest(wanted.hash.whole),
                   newest_pattern(wanted.text)});
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

}  // namespace ctxcache::coherence
