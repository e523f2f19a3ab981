#include "l1/lru.hpp"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "model/glob.hpp"

namespace ctxcache::l1 {
namespace {

constexpr std::size_t part_bits = 4;
constexpr std::size_t parts = std::size_t{1} << part_bits;
/// How many slots a walk over the whole cache looks at before it lets others have the shard.
constexpr slot_id walk_step = 64;
/// How many entries a sweep looks at for each that it may drop.
constexpr std::size_t sweep_reach = 64;

/// scope::covers for a text whose segments are not known.
bool covers(const scope& what, std::string_view text) {
  const std::string_view own = what.text();
  switch (what.kind()) {
    case scope_kind::key:
      return text == own;
    case scope_kind::agent_type:
    case scope_kind::customer:
      return text.starts_with(own) && (text.size() == own.size() || text[own.size()] == ':');
    case scope_kind::pattern:
      return glob_matches(own, text);
    case scope_kind::all:
      return true;
  }
  return false;
}

/// The hashes that lead to the scope's keys when one customer has them all; nullopt when they may be
/// anywhere.
std::optional<key_hashes> hashes_of(const scope& what, const key_hasher& hash) {
  switch (what.kind()) {
    case scope_kind::key:
    case scope_kind::agent_type: {
      const auto first = key::parse(what.text());
      CTX_ASSERT(first);
      return hash(first->view());
    }
    case scope_kind::customer:
      return key_hashes{.customer = hash(what)};
    case scope_kind::pattern:
    case scope_kind::all:
      break;
  }
  return std::nullopt;
}

}  // namespace

struct alignas(64) lru::part {
  mutable spin_lock lock;  // guards what follows, but for the shard's published figures
  slot_id swept = 0;       // the slot where the next sweep goes on
  shard entries;
};

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

/// Calls act(slot) for what a key, agent type or customer covers, under the lock.
template <class Act>
void lru::for_covered_in_part(part& home, const scope& what, const key_hashes& hash, Act act) {
  const std::lock_guard hold{home.lock};
  if (what.kind() == scope_kind::key) {
    const slot_id slot = home.entries.find(what.text(), hash.whole);
    if (slot != no_slot) act(slot);
    return;
  }
  for (slot_id slot = home.entries.chain_of(hash.customer); slot != no_slot;) {
    const slot_id next = home.entries.at(slot).next_in_chain;
    if (covers(what, home.entries.at(slot).key.view())) act(slot);
    slot = next;
  }
}

/// Calls act(slot) for those of the next `walk_step` slots that the scope covers, under the lock; false when
/// there are none from `first` on.
template <class Act>
bool lru::for_covered_slots(part& home, const scope& what, slot_id first, Act act) {
  const std::lock_guard hold{home.lock};
  const slot_id end = std::min(home.entries.slots_end(), first + walk_step);
  for (slot_id slot = first; slot < end; ++slot) {
    const node& one = home.entries.at(slot);
    if (one.value && covers(what, one.key.view())) act(slot);
  }
  return first < end;
}

std::size_t lru::erase(const scope& what, const key_hasher& hash) {
  std::vector<remains> erased;
  erased.reserve(walk_step);
  if (const auto known = hashes_of(what, hash)) {
    part& home = part_of(known->customer);
    for_covered_in_part(home, what, *known, [&](slot_id slot) { erased.push_back(home.entries.take(slot)); });
    return erased.size();
  }
  std::size_t total = 0;
  for (std::size_t i = 0; i < parts; ++i) {
    const auto take = [&](slot_id slot) { erased.push_back(parts_[i].entries.take(slot)); };
    for (slot_id first = 0; for_covered_slots(parts_[i], what, first, take); first += walk_step) {
      total += erased.size();
      erased.clear();
    }
  }
  return total;
}

std::size_t lru::count(const scope& what, const key_hasher& hash) const {
  std::size_t total = 0;
  const auto add = [&](slot_id) { ++total; };
  if (const auto known = hashes_of(what, hash)) {
    for_covered_in_part(part_of(known->customer), what, *known, add);
    return total;
  }
  for (std::size_t i = 0; i < parts; ++i) {
    for (slot_id first = 0; for_covered_slots(parts_[i], what, first, add);) first += walk_step;
  }
  return total;
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

std::size_t lru::sweep(time_point now, std::size_t most) {
  std::vector<remains> dropped;
  dropped.reserve(walk_step);
  std::size_t total = 0;
  std::size_t looked = 0;
  // Once around is enough: the part that was begun in its middle comes twice.
  for (std::size_t ended = 0; ended <= parts && total < most && looked < sweep_reach * most;) {
    part& home = parts_[sweeping_ % parts];
    {
      const std::lock_guard hold{home.lock};
      const auto step = static_cast<slot_id>(std::min<std::size_t>(walk_step, most - total));
      const slot_id end = std::min(home.entries.slots_end(), home.swept + step);
      for (; home.swept < end; ++home.swept, ++looked) {
        const node& one = home.entries.at(home.swept);
        if (one.value && now >= one.keep_until) dropped.push_back(home.entries.take(home.swept));
      }
      if (end == home.entries.slots_end()) {
        home.swept = 0;
        ++sweeping_;
        ++ended;
      }
    }
    total += dropped.size();
    dropped.clear();
  }
  expirations_.fetch_add(total, std::memory_order_relaxed);
  return total;
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
