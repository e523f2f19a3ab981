#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "ctxcache/entry.hpp"
#include "l1/key_text.hpp"
#include "l1/slot_table.hpp"
#include "model/key_hash.hpp"

namespace ctxcache::l1 {

/// What is put under a key.
struct contents {
  entry_ptr value;
  key_text key;
  time_point fresh_until;
  time_point keep_until;
  std::size_t charge;  ///< bytes, bookkeeping included
};

/// What leaves a shard. Freeing it takes long compared with a look-up, so destroy it outside the lock.
struct remains {
  entry_ptr value;
  key_text key;
};

/// One cached entry: two cache lines.
struct node {
  entry_ptr value;  ///< null: the slot is free, and `older` links the free slots
  time_point fresh_until;
  time_point keep_until;
  std::uint64_t last_use = 0;
  std::size_t charge = 0;
  std::uint32_t tag = 0;            ///< of the whole key's hash
  std::uint32_t customer = 0;       ///< of the customer's hash
  slot_id older = no_slot;          ///< towards the least recently used
  slot_id newer = no_slot;          ///< towards the most recently used
  slot_id next_in_chain = no_slot;  ///< the chain of its customer
  slot_id prev_in_chain = no_slot;
  key_text key;
};
static_assert(sizeof(node) <= 128);

/// A part of the cache with all keys of the customers that belong to it.
///
/// Invariants: every live slot is once in the table, in the list of uses and in the chain of its customer's
/// bucket; `last_use` rises along the list, but for uses that overlapped; items(), bytes() and oldest_use()
/// say what the list holds. Not thread-safe but for these three, which may be read at any time.
class shard {
 public:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  [[nodiscard]] std::size_t items() const noexcept { return items_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  /// When the least recently used entry was used; `never` without entries.
  [[nodiscard]] std::uint64_t oldest_use() const noexcept {
    return oldest_use_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] slot_id find(const hashed_key& wanted) const noexcept;
  [[nodiscard]] slot_id find(std::string_view text, std::uint64_t whole_hash) const noexcept;
  [[nodiscard]] node& at(slot_id slot) noexcept { return (*chunks_[slot / chunk_slots])[slot % chunk_slots]; }
  [[nodiscard]] const node& at(slot_id slot) const noexcept {
    return (*chunks_[slot / chunk_slots])[slot % chunk_slots];
  }
  /// Makes it the most recently used, at the time `use`.
  void touch(slot_id slot, std::uint64_t use) noexcept;
  /// Makes it the most recently used, at the time `use`; gives back what was there under the key, if
  /// anything.
  [[nodiscard]] std::optional<remains> put(const key_hashes& hash, contents what, std::uint64_t use);
  /// Makes it the least recently used; `use` is no later than any, and nothing is there under the key.
  void put_oldest(const key_hashes& hash, contents what, std::uint64_t use);
  /// New contents for the key in that slot, which keeps its place; gives back the old ones.
  [[nodiscard]] remains replace(slot_id slot, contents what) noexcept;
  [[nodiscard]] remains take(slot_id slot) noexcept;
  /// The least recently used; no_slot without entries.
  [[nodiscard]] slot_id oldest() const noexcept { return oldest_; }
  /// The most recently used; on with `older`.
  [[nodiscard]] slot_id newest() const noexcept { return newest_; }

  /// The chain that holds all slots of a customer, and perhaps others: on with `next_in_chain`.
  [[nodiscard]] slot_id chain_of(std::uint64_t customer_hash) const noexcept;
  /// All slots, live and free, are below.
  [[nodiscard]] slot_id slots_end() const noexcept { return slots_end_; }

  /// What an entry costs here besides its own charge: node, table cells, head of the chain, long key.
  [[nodiscard]] static std::size_t bookkeeping_bytes(std::size_t key_bytes) noexcept {
    return sizeof(node) + 2 * (sizeof(slot_table::cell) + sizeof(slot_id)) + key_text::heap_bytes(key_bytes);
  }

 private:
  static constexpr std::size_t chunk_slots = 64;
  using chunk = std::array<node, chunk_slots>;

  [[nodiscard]] slot_id free_slot();
  void grow_index();
  [[nodiscard]] slot_id place(const key_hashes& hash, contents what, std::uint64_t use);
  void link_newest(slot_id slot) noexcept;
  void link_oldest(slot_id slot) noexcept;
  void unlink(slot_id slot) noexcept;
  void chain(slot_id slot) noexcept;
  void unchain(slot_id slot) noexcept;
  [[nodiscard]] slot_id& head_of(std::uint32_t customer) noexcept {
    return chain_heads_[customer & (chain_heads_.size() - 1)];
  }
  void publish_oldest() noexcept;
  void account(std::size_t items, std::size_t bytes) noexcept;

  slot_table table_;
  std::vector<std::unique_ptr<chunk>> chunks_;  // nodes never move: growing costs one chunk
  std::vector<slot_id> chain_heads_ = std::vector<slot_id>(table_.capacity(), no_slot);
  slot_id newest_ = no_slot;
  slot_id oldest_ = no_slot;
  slot_id free_ = no_slot;
  slot_id slots_end_ = 0;
  std::atomic<std::size_t> items_{0};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint64_t> oldest_use_{never};
};

}  // namespace ctxcache::l1
