#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "coherence/scope_table.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/key.hpp"
#include "ctxcache/position.hpp"
#include "ctxcache/stats.hpp"
#include "model/key_hash.hpp"

namespace ctxcache::coherence {

/// Which entries may be served: the position of this process in the log, the newest invalidation of each
/// scope, and the licence (rules 1, 3, 5, 7 and 11 of docs/coherence.md).
///
/// What stays true
/// - Between two restarts the number of a scope, the newest pattern and `everything` only ever rise.
/// - What the table forgets for want of room costs misses; it never lets through what was invalidated.
/// - The generation rises after each raise and at both ends of a restart, so an entry found valid at the
/// present
///   generation still is, and a look that a restart overtook is seen to be void.
/// - A stamp never names a higher sequence number than its epoch had when it was read.
/// Reads are safe on every thread; they take no lock unless a pattern is newer than the stamp or a scope is
/// pending. `raise`, `restart` and `advance` are called one at a time.
class validity {
 public:
  static constexpr std::size_t buckets_default = std::size_t{1} << 17;  ///< 8 MiB
  static constexpr std::size_t patterns_max = 64;
  static constexpr std::size_t pending_searched_max = 1'000;

  struct limits {
    boot_clock::duration grace{};           ///< past its licence this process may still serve so long
    boot_clock::duration own_loads{};       ///< and so long what it began to load less than the grace ago
    std::size_t buckets = buckets_default;  ///< a power of two
  };
  /// So many buckets hold about that many scopes at 8 bytes each.
  [[nodiscard]] static constexpr std::size_t buckets_for(std::size_t slots) noexcept {
    return std::bit_ceil(std::max<std::size_t>(slots / 8, 1));
  }
  /// Nothing is licensed yet.
  validity(position start, const limits& how);

  /// Everything up to here has been applied. Read it before the first provider is asked: that is a stamp.
  [[nodiscard]] position current() const noexcept;

  /// Rule 3 for a key and a stamp.
  [[nodiscard]] bool holds(const hashed_key& wanted, const position& stamp) const noexcept;
  /// Whether an entry may be served at `now`: rule 3, and the licence or, for a while without one, that it
  /// was loaded here less than the grace ago; and no invalidation of its scope is pending since before its
  /// load. `strict`: without grace.
  [[nodiscard]] bool serves(const hashed_key& wanted, const entry& value, time_point now,
                            bool strict = false) const noexcept;
  /// The sequence number of the newest invalidation that matches, or of one that was forgotten for want of
  /// room; 0 for none.
  [[nodiscard]] std::uint64_t newest(const hashed_key& wanted) const noexcept;

  /// What holds against a stamp under which an entry was not served, though there was a licence: for who
  /// counts.
  [[nodiscard]] rejection objection(const hashed_key& wanted, const position& stamp) const;

  /// Forbids what `what` covers and was stamped below `sequence`.
  void raise(const scope& what, const key_hasher& hash, std::uint64_t sequence);
  /// All messages up to `sequence` have been raised.
  void advance(std::uint64_t sequence) noexcept;

  struct raised {
    scope what;
    std::uint64_t sequence;
  };
  /// Begins anew at `at`, in another epoch or behind a gap: valid is what is stamped in that epoch at `floor`
  /// or later and at all that is raised in `messages`.
  void restart(position at, std::uint64_t floor, std::span<const raised> messages, const key_hasher& hash);

  /// An invalidation was asked for at `since` and is not in the log yet: of what it covers, only what this
  /// process began to load afterwards is served until `settle`.
  [[nodiscard]] std::uint64_t mark_pending(const scope& what, time_point since);
  void settle(std::uint64_t mark);
  /// When the youngest of those that cover this key was asked for.
  [[nodiscard]] std::optional<time_point> pending_since(const key_view& wanted) const;

  /// Cached values may be served until then, and for the grace after it.
  void license(time_point until) noexcept;
  /// No cached value may be served until the next licence.
  void revoke() noexcept;
  [[nodiscard]] bool licensed(time_point now, bool strict = false) const noexcept {
    return now.time_since_epoch().count() <
           (strict ? strict_until_ : licensed_until_).load(std::memory_order_acquire);
  }

 private:
  struct pattern {
    std::string glob;
    std::uint64_t sequence;
  };
  struct pending {
    scope what;
    time_point since;
  };

  [[nodiscard]] std::uint64_t newest_pattern(const key_view& wanted) const;
  [[nodiscard]] bool pending_forbids(const key_view& wanted, const entry& value) const;
  void raise_pattern(const std::string& glob, std::uint64_t sequence);

  [[nodiscard]] bool own_counts(const entry& value, time_point now) const noexcept;

  const limits limits_;
  std::atomic<std::uint64_t> epoch_;
  std::atomic<std::uint64_t> sequence_;
  std::atomic<std::uint64_t> generation_{1};
  std::atomic<std::uint64_t> everything_{0};
  std::atomic<std::uint64_t> newest_pattern_{0};
  std::atomic<boot_clock::rep> licensed_until_{0};
  std::atomic<boot_clock::rep> strict_until_{0};
  std::atomic<boot_clock::rep> own_until_{0};
  scope_table scopes_;

  mutable std::shared_mutex patterns_mutex_;
  std::vector<pattern> patterns_;  // Guarded by patterns_mutex_. Oldest first.

  mutable std::shared_mutex pending_mutex_;
  std::map<std::uint64_t, pending> pending_;  // By mark. Guarded by pending_mutex_.
  time_point youngest_pending_;               // Guarded by pending_mutex_. Never falls.
  std::atomic<std::size_t> pending_count_{0};
  std::uint64_t last_mark_ = 0;  // Guarded by pending_mutex_.
};

}  // namespace ctxcache::coherence
