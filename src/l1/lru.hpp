#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/key.hpp"
#include "l1/shard.hpp"
#include "l1/spin_lock.hpp"
#include "model/key_hash.hpp"

namespace ctxcache::l1 {

/// How much may be kept, over the whole cache. No items: the cache is off, and `put` stores nothing.
struct limits {
  std::size_t items;
  std::size_t bytes;  ///< of entry::charge() and the cache's own bookkeeping for each entry
};

struct found {
  entry_ptr value;  ///< null: nothing there
  time_point fresh_until;
};

/// The exact LRU cache with TTL of one process: what goes when it is full is the least recently used of all.
///
/// Safe to call from every thread. Every key is in the shard that its customer's hash names; a call holds one
/// shard's lock at a time, for some tens of nanoseconds, and frees memory only after releasing it. While
/// several threads put at the same moment, each may hold one entry over the limits until its `put` returns.
class lru {
 public:
  explicit lru(limits bounds);
  ~lru();
  lru(const lru&) = delete;
  lru& operator=(const lru&) = delete;

  /// Makes what it finds the most recently used. Values past `fresh_until` are returned, the caller judges;
  /// one past `keep_until` is a miss and is dropped. Does not allocate.
  [[nodiscard]] found find(const hashed_key& wanted, time_point now) noexcept;
  /// The same, but changes nothing.
  [[nodiscard]] found peek(const hashed_key& wanted, time_point now) const noexcept;

  /// Stores or replaces, then evicts until the limits hold. `value` is not null. False when it was not stored
  /// because it is over the limits by itself; then nothing is left under the key.
  [[nodiscard]] bool put(const hashed_key& where, entry_ptr value, time_point fresh_until,
                         time_point keep_until);

  /// Stores what nobody has asked for yet: only where there is room, and as the first to go. What is there
  /// under the key is replaced and keeps its place. False when it was not stored.
  [[nodiscard]] bool put_spare(const hashed_key& where, entry_ptr value, time_point fresh_until,
                               time_point keep_until);

  /// Drops what the scope covers; how many those were. Cost: what the customer has cached for a customer and
  /// an agent type, one look-up for a key; patterns and `all` walk the cache in small steps.
  [[nodiscard]] std::size_t erase(const scope& what, const key_hasher& hash);
  /// How many `erase` would drop.
  [[nodiscard]] std::size_t count(const scope& what, const key_hasher& hash) const;

  /// Evicts down when the new limits are smaller.
  void resize(limits bounds);

  /// Drops up to `most` entries past their `keep_until`; how many those were. Looks at no more than 64 ×
  /// `most` entries and goes on there with the next call.
  [[nodiscard]] std::size_t sweep(time_point now, std::size_t most);

  /// The texts of the keys that were used last, the latest first; without those that never were.
  [[nodiscard]] std::vector<std::string> latest(std::size_t most) const;

  struct usage {
    std::size_t items;
    std::size_t bytes;
    std::uint64_t evictions;    ///< to make room
    std::uint64_t expirations;  ///< past `keep_until`
  };
  [[nodiscard]] usage used() const noexcept;
  [[nodiscard]] limits bounds() const noexcept;

 private:
  struct part;

  [[nodiscard]] part& part_of(std::uint64_t customer_hash) const noexcept;
  [[nodiscard]] std::uint64_t next_use() noexcept;
  [[nodiscard]] std::optional<remains> evict_one();
  template <class Act>
  static void for_covered_in_part(part& home, const scope& what, const key_hashes& hash, Act act);
  template <class Act>
  static bool for_covered_slots(part& home, const scope& what, slot_id first, Act act);

  std::unique_ptr<part[]> parts_;
  // Two locks are held at once only here: eviction_, then one shard's. One thread at a time evicts, so that
  // two never both make room for the same entry.
  spin_lock eviction_;
  std::atomic<std::size_t> items_max_;
  std::atomic<std::size_t> bytes_max_;
  std::atomic<std::uint64_t> evictions_{0};
  std::atomic<std::uint64_t> expirations_{0};
  std::atomic<std::size_t> sweeping_{0};            // the part where the next sweep goes on
  alignas(64) std::atomic<std::uint64_t> uses_{1};  // orders them over all shards; on a line of its own
};

}  // namespace ctxcache::l1
