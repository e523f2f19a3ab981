#include "l1/shard.hpp"

#include <utility>

namespace ctxcache::l1 {
namespace {

std::uint32_t tag_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash);
}

}  // namespace

slot_id shard::find(const hashed_key& wanted) const noexcept {
  return find(wanted.text.text(), wanted.hash.whole);
}

slot_id shard::find(std::string_view text, std::uint64_t whole_hash) const noexcept {
  return table_.find(tag_of(whole_hash), [&](slot_id slot) { return at(slot).key.view() == text; });
}

void shard::touch(slot_id slot, std::uint64_t use) noexcept {
  const bool was_oldest = slot == oldest_;
  if (slot != newest_) {
    unlink(slot);
    link_newest(slot);
  }
  at(slot).last_use = use;
  if (was_oldest) publish_oldest();
}

std::optional<remains> shard::put(const key_hashes& hash, contents what, std::uint64_t use) {
  std::optional<remains> replaced;
  if (const slot_id old = find(what.key.view(), hash.whole); old != no_slot) replaced = take(old);
  const slot_id slot = place(hash, std::move(what), use);
  link_newest(slot);
  account(items() + 1, bytes() + at(slot).charge);
  return replaced;
}

void shard::put_oldest(const key_hashes& hash, contents what, std::uint64_t use) {
  const slot_id slot = place(hash, std::move(what), use);
  link_oldest(slot);
  account(items() + 1, bytes() + at(slot).charge);
}

remains shard::replace(slot_id slot, contents what) noexcept {
  node& one = at(slot);
  account(items(), bytes() - one.charge + what.charge);
  one.charge = what.charge;
  one.fresh_until = what.fresh_until;
  one.keep_until = what.keep_until;
  return {std::exchange(one.value, std::move(what.value)), std::exchange(one.key, std::move(what.key))};
}

// All but its place in the list of uses.
slot_id shard::place(const key_hashes& hash, contents what, std::uint64_t use) {
  if (table_.full()) grow_index();
  const slot_id slot = free_slot();
  node& one = at(slot);
  one.value = std::move(what.value);
  one.fresh_until = what.fresh_until;
  one.keep_until = what.keep_until;
  one.last_use = use;
  one.charge = what.charge;
  one.tag = tag_of(hash.whole);
  one.customer = tag_of(hash.customer);
  one.key = std::move(what.key);
  table_.insert(one.tag, slot);
  chain(slot);
  return slot;
}

remains shard::take(slot_id slot) noexcept {
  node& one = at(slot);
  table_.erase(one.tag, slot);
  unlink(slot);
  unchain(slot);
  account(items() - 1, bytes() - one.charge);
  remains left{std::move(one.value), std::move(one.key)};
  one.older = std::exchange(free_, slot);
  return left;
}

slot_id shard::chain_of(std::uint64_t customer_hash) const noexcept {
  return chain_heads_[tag_of(customer_hash) & (chain_heads_.size() - 1)];
}

slot_id shard::free_slot() {
  if (free_ != no_slot) return std::exchange(free_, at(free_).older);
  if (slots_end_ == chunks_.size() * chunk_slots) chunks_.push_back(std::make_unique<chunk>());
  return slots_end_++;
}

void shard::grow_index() {
  table_.grow();
  chain_heads_.assign(table_.capacity(), no_slot);
  for (slot_id slot = oldest_; slot != no_slot; slot = at(slot).newer) chain(slot);
}

void shard::link_newest(slot_id slot) noexcept {
  node& one = at(slot);
  one.newer = no_slot;
  one.older = std::exchange(newest_, slot);
  (one.older == no_slot ? oldest_ : at(one.older).newer) = slot;
}

void shard::link_oldest(slot_id slot) noexcept {
  node& one = at(slot);
  one.older = no_slot;
  one.newer = std::exchange(oldest_, slot);
  (one.newer == no_slot ? newest_ : at(one.newer).older) = slot;
}

void shard::unlink(slot_id slot) noexcept {
  const node& one = at(slot);
  (one.older == no_slot ? oldest_ : at(one.older).newer) = one.newer;
  (one.newer == no_slot ? newest_ : at(one.newer).older) = one.older;
}

void shard::chain(slot_id slot) noexcept {
  node& one = at(slot);
  one.prev_in_chain = no_slot;
  one.next_in_chain = std::exchange(head_of(one.customer), slot);
  if (one.next_in_chain != no_slot) at(one.next_in_chain).prev_in_chain = slot;
}

void shard::unchain(slot_id slot) noexcept {
  const node& one = at(slot);
  (one.prev_in_chain == no_slot ? head_of(one.customer) : at(one.prev_in_chain).next_in_chain) =
      one.next_in_chain;
  if (one.next_in_chain != no_slot) at(one.next_in_chain).prev_in_chain = one.prev_in_chain;
}

void shard::publish_oldest() noexcept {
  oldest_use_.store(oldest_ == no_slot ? never : at(oldest_).last_use, std::memory_order_relaxed);
}

void shard::account(std::size_t items, std::size_t bytes) noexcept {
  items_.store(items, std::memory_order_relaxed);
  bytes_.store(bytes, std::memory_order_relaxed);
  publish_oldest();
}

}  // namespace ctxcache::l1
