// What looks at many entries: in steps, so that no shard is locked for long.
#include <algorithm>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "l1/lru_part.hpp"
#include "model/glob.hpp"

namespace ctxcache::l1 {
namespace {

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

std::vector<std::string> lru::latest(std::size_t most) const {
  struct used {
    std::uint64_t use;
    std::string text;
  };
  std::vector<used> all;
  for (std::size_t i = 0; i < parts; ++i) {
    const std::lock_guard hold{parts_[i].lock};
    const shard& entries = parts_[i].entries;
    std::size_t taken = 0;
    for (slot_id slot = entries.newest(); slot != no_slot && taken < most; ++taken) {
      const node& one = entries.at(slot);
      if (one.last_use != never_used) all.push_back({one.last_use, std::string{one.key.view()}});
      slot = one.older;
    }
  }
  std::ranges::sort(all, std::greater{}, &used::use);
  if (all.size() > most) all.resize(most);
  std::vector<std::string> texts;
  for (auto& one : all) texts.push_back(std::move(one.text));
  return texts;
}

}  // namespace ctxcache::l1
