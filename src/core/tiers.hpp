#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.hpp"
#include "coherence/validity.hpp"
#include "core/applied_messages.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/config.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/lookup.hpp"
#include "ctxcache/stats.hpp"
#include "l1/lru.hpp"
#include "model/key_hash.hpp"

namespace ctxcache {

/// What is counted, once, where it happens.
enum class event : std::size_t {
  l1_hit,
  l1_miss,
  l2_hit,
  l2_miss,
  l2_error,
  l2_corrupt,
  load,
  load_error,
  coalesced,
  stale_served,
  unknown_hit,
  unlicensed,
  put,
  invalidation,
  fence_confirmed,
  fence_unconfirmed,
  licence_lost,
  epoch_joined,
  inspected_match,
  inspected_inconclusive,
  inspected_unannounced,
  inspected_violation,
  count
};

/// What the lanes share: the memory of this process, the table that says which of it is valid, and the
/// counts. Safe to call from every thread.
class tiers {
 public:
  tiers(const cache_settings& settings, const clock& time, position start,
        const coherence::validity::limits& how);

  [[nodiscard]] hashed_key hashed(const key_view& one) const noexcept { return {one, hash_(one)}; }
  [[nodiscard]] const key_hasher& hash() const noexcept { return hash_; }
  [[nodiscard]] time_point now() const noexcept { return time_.now(); }
  [[nodiscard]] wall_time wall() const noexcept {
    return std::chrono::floor<std::chrono::microseconds>(time_.wall());
  }
  [[nodiscard]] coherence::validity& table() noexcept { return table_; }
  [[nodiscard]] const coherence::validity& table() const noexcept { return table_; }
  [[nodiscard]] applied_messages& applied() noexcept { return applied_; }
  void count(event what, std::uint64_t n = 1) noexcept { counted_.add(what, n); }
  void count_fence(boot_clock::duration took) noexcept { fences_.record(took); }

  /// Whether a reader may have this cached value now: rule 3, the licence, and its own wishes. A refusal is
  /// counted under where the value was found; under nothing when it has been counted before.
  [[nodiscard]] bool serves(const hashed_key& wanted, const entry& value, const read_options& options,
                            time_point now, std::optional<rejecting_tier> found_in) noexcept;
  /// The copy in memory, if it is fresh and serves. `again`: the same reader has looked before.
  [[nodiscard]] std::optional<lookup> find(const hashed_key& wanted, const read_options& options,
                                           time_point now, bool again = false) noexcept;
  /// Whether the customer was lately found not to exist.
  [[nodiscard]] bool known_unknown(const hashed_key& wanted, const read_options& options,
                                   time_point now) noexcept;
  /// A copy past its life but valid, for when a provider fails.
  [[nodiscard]] std::optional<lookup> stale(const hashed_key& wanted, const read_options& options,
                                            time_point now) noexcept;
  /// Whether everything up to there has been applied here.
  [[nodiscard]] bool reached(const std::optional<position>& place) const noexcept;

  /// Keeps a value in memory; false when it is already forbidden, too large, or L1 is off.
  bool keep(const hashed_key& where, const entry_ptr& value, time_point now);
  /// The same for what nobody has asked for: only where that evicts nothing.
  bool keep_spare(const hashed_key& where, const entry_ptr& value, time_point now);
  /// Remembers that the customer does not exist.
  void keep_unknown(const hashed_key& where, const entry_ptr& value, time_point now);
  /// Drops what the scope covers; how many. Frees memory only: the table is what forbids.
  std::size_t erase(const scope& what);

  [[nodiscard]] const l1::lru& l1() const noexcept { return l1_; }
  /// Drops some of what is past keeping.
  void sweep();

  [[nodiscard]] std::shared_ptr<const cache_settings> settings() const;
  void reconfigure(const cache_settings& settings);
  [[nodiscard]] stats_snapshot stats() const;

 private:
  const clock& time_;
  const key_hasher hash_;
  coherence::validity table_;
  l1::lru l1_;
  l1::lru unknown_;
  counters<event> counted_;
  enum class reject : std::size_t {
    count = static_cast<std::size_t>(rejecting_tier::count) * static_cast<std::size_t>(rejection::count)
  };
  struct life {
    time_point fresh_until;
    time_point keep_until;
  };
  [[nodiscard]] life life_of(const entry& value, time_point now) const;
  [[nodiscard]] static reject index(rejecting_tier where, rejection why) noexcept;
  counters<reject> rejected_;
  histogram fences_;
  applied_messages applied_;

  mutable std::mutex settings_mutex_;
  std::shared_ptr<const cache_settings> settings_;  // Guarded by settings_mutex_.
};

/// Whether a value is no older than the caller wants.
[[nodiscard]] inline bool young_enough(const entry& value, std::optional<std::chrono::seconds> max_age,
                                       time_point now) noexcept {
  return !max_age || now - value.loaded_at <= *max_age;
}

}  // namespace ctxcache
