#include "l1/lru.hpp"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "l1/lru_part.hpp"

namespace ctxcache::l1 {

lru::lru(limits bounds)
    : parts_(std::make_unique<part[]>(parts)), items_max_(bounds.items), bytes_max_(bounds.bytes) {}

lru::~lru() = default;

lru::part& lru::part_of(std::uint64_t customer_hash) const noexcept {
  return parts_[customer_hash >> (64 - part_bits)];
}

// A counter that all threads write costs 3 ns with one thread, 15 ns less than the processor's (RDTSC), and
// the same as that with two, which then wait for each other's shards and references (Xeon, in a virtual
// machine).
std::uint64_t lru::next_use() noexcept {
  return uses_.fetch_add(1, std::memory_order_relaxed);
}

found lru::find(const hashed_key& wanted, time_point now) noexcept {
  part& home = part_of(wanted.hash.customer);
  // Ahead of the lock, which waiting for the counter would lengthen: finds that overlap may be a little out
  // of order, which no caller can tell.
  const std::uint64_t use = next_use();
  std::optional<remains> past;  // dies after the lock is released
  const std::lock_guard hold{home.lock};
  const slot_id slot = home.entries.find(wanted);
  if (slot == no_slot) return {};
  const node& one = home.entries.at(slot);
  if (now >= one.keep_until) {
    past = home.entries.take(slot);
    expirations_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  home.entries.touch(slot, use);
  return {one.value, one.fresh_until};
}

found lru::peek(const hashed_key& wanted, time_point now) const noexcept {
  const part& home = part_of(wanted.hash.customer);
  const std::lock_guard hold{home.lock};
  const slot_id slot = home.entries.find(wanted);
  if (slot == no_slot) return {};
  const node& one = home.entries.at(slot);
  if (now >= one.keep_until) return {};
  return {one.value, one.fresh_until};
}

bool lru::put(const hashed_key& where, entry_ptr value, time_point fresh_until, time_point keep_until) {
  CTX_ASSERT(value != nullptr);
  part& home = part_of(where.hash.customer);
  const std::string_view text = where.text.text();
  const std::size_t charge = value->charge() + shard::bookkeeping_bytes(text.size());
  std::optional<remains> replaced;
  if (items_max_ == 0 || charge > bytes_max_) {
    const std::lock_guard hold{home.lock};
    const slot_id old = home.entries.find(where);
    if (old != no_slot) replaced = home.entries.take(old);
    return false;
  }
  contents what{.value = std::move(value),
                .key = key_text{text},
                .fresh_until = fresh_until,
                .keep_until = keep_until,
                .charge = charge};
  const std::uint64_t use = next_use();
  {
    const std::lock_guard hold{home.lock};
    replaced = home.entries.put(where.hash, std::move(what), use);
  }
  while (evict_one()) {
  }
  return true;
}

bool lru::put_spare(const hashed_key& where, entry_ptr value, time_point fresh_until, time_point keep_until) {
  CTX_ASSERT(value != nullptr);
  part& home = part_of(where.hash.customer);
  const std::string_view text = where.text.text();
  const std::size_t charge = value->charge() + shard::bookkeeping_bytes(text.size());
  const auto present = used();
  std::optional<remains> replaced;  // dies after the lock is released
  {
    const std::lock_guard hold{home.lock};
    const slot_id old = home.entries.find(where);
    const bool more = old == no_slot;
    const auto freed = more ? 0 : home.entries.at(old).charge;
    if (present.items + (more ? 1 : 0) > items_max_ || present.bytes + charge > bytes_max_ + freed)
      return false;
    contents what{.value = std::move(value),
                  .key = key_text{text},
                  .fresh_until = fresh_until,
                  .keep_until = keep_until,
                  .charge = charge};
    if (more) {
      home.entries.put_oldest(where.hash, std::move(what), never_used);
    } else {
      replaced = home.entries.replace(old, std::move(what));
    }
  }
  while (evict_one()) {  // somebody put at the same moment
  }
  return true;
}

std::optional<remains> lru::evict_one() {
  const std::lock_guard alone{eviction_};
  for (;;) {
    std::size_t items = 0;
    std::size_t bytes = 0;
    part* home = nullptr;
    std::uint64_t oldest = shard::never;
    for (part* each = parts_.get(); each != parts_.get() + parts; ++each) {
      items += each->entries.items();
      bytes += each->entries.bytes();
      if (const std::uint64_t use = each->entries.oldest_use(); use < oldest) {
        oldest = use;
        home = each;
      }
    }
    // Whoever puts looks here afterwards, so what this pass did not see yet is seen by a later one.
    if ((items <= items_max_ && bytes <= bytes_max_) || home == nullptr) return std::nullopt;
    const std::lock_guard hold{home->lock};
    if (home->entries.oldest_use() != oldest) continue;  // used or dropped in the meantime
    evictions_.fetch_add(1, std::memory_order_relaxed);
    return home->entries.take(home->entries.oldest());
  }
}

void lru::resize(limits bounds) {
  {
    const std::lock_guard alone{eviction_};
    items_max_ = bounds.items;
    bytes_max_ = bounds.bytes;
  }
  while (evict_one()) {
  }
}

lru::usage lru::used() const noexcept {
  usage sum{.items = 0,
            .bytes = 0,
            .evictions = evictions_.load(std::memory_order_relaxed),
            .expirations = expirations_.load(std::memory_order_relaxed)};
  for (std::size_t i = 0; i < parts; ++i) {
    sum.items += parts_[i].entries.items();
    sum.bytes += parts_[i].entries.bytes();
  }
  return sum;
}

limits lru::bounds() const noexcept {
  return {.items = items_max_.load(), .bytes = bytes_max_.load()};
}

}  // namespace ctxcache::l1
