#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <vector>

#include "coherence/scope_table.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/key.hpp"
#include "ctxcache/position.hpp"
#include "model/key_hash.hpp"

namespace ctxcache::coherence {

/// Which entries may be served: the position of this process in the log, the newest invalidation of each
/// scope, and the licence. Rule 3: an entry is valid iff its epoch is ours and its stamp is no lower than the
/// newest invalidation that matches its key.
///
/// What stays true
/// - The number of a scope, the newest pattern and `everything` only ever rise.
/// - What the table forgets for want of room costs misses; it never lets through what was invalidated.
/// - The generation rises after each raise, so an entry found valid at the present generation still is.
/// Safe to call from every thread; reads take no lock unless a pattern is newer than the stamp.
class validity {
 public:
  static constexpr std::size_t buckets_default = std::size_t{1} << 17;  ///< 8 MiB
  static constexpr std::size_t patterns_max = 64;

  /// `buckets` is a power of two. Nothing is licensed yet.
  validity(position start, std::size_t buckets = buckets_default);

  /// Everything up to here has been applied. Read it before the first provider is asked: that is a stamp.
  [[nodiscard]] position current() const noexcept;

  /// Rule 3 for a key and a stamp.
  [[nodiscard]] bool holds(const hashed_key& wanted, const position& stamp) const noexcept;
  /// Licensed at `now`, and rule 3 holds; remembered in the entry.
  [[nodiscard]] bool serves(const hashed_key& wanted, const entry& value, time_point now) const noexcept;
  /// The sequence number of the newest invalidation that matches, or of one that was forgotten for want of
  /// room; 0 for none.
  [[nodiscard]] std::uint64_t newest(const hashed_key& wanted) const noexcept;

  /// Forbids what `what` covers and was stamped below `sequence`.
  void raise(const scope& what, const key_hasher& hash, std::uint64_t sequence);
  /// All messages up to `sequence` have been raised.
  void advance(std::uint64_t sequence) noexcept;

  /// Cached values may be served until then.
  void license(time_point until) noexcept { licensed_until_.store(until.time_since_epoch().count()); }
  [[nodiscard]] bool licensed(time_point now) const noexcept {
    return now.time_since_epoch().count() < licensed_until_.load(std::memory_order_acquire);
  }

 private:
  struct pattern {
    std::string glob;
    std::uint64_t sequence;
  };

  [[nodiscard]] std::uint64_t newest_pattern(const key_view& wanted) const;
  void raise_pattern(const std::string& glob, std::uint64_t sequence);

  const std::uint64_t epoch_;
  std::atomic<std::uint64_t> sequence_;
  std::atomic<std::uint64_t> generation_{1};
  std::atomic<std::uint64_t> everything_{0};
  std::atomic<std::uint64_t> newest_pattern_{0};
  std::atomic<boot_clock::rep> licensed_until_{0};
  scope_table scopes_;

  mutable std::shared_mutex patterns_mutex_;
  std::vector<pattern> patterns_;  // Guarded by patterns_mutex_. Oldest first.
};

}  // namespace ctxcache::coherence
