#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/gate.hpp"
#include "core/lane.hpp"
#include "core/loader.hpp"
#include "core/tiers.hpp"
#include "ctxcache/lookup.hpp"
#include "ctxcache/provider.hpp"

namespace ctxcache {

/// Looks while it serves whether what is served is what the log allows: of a fraction of the hits it asks the
/// providers again, in the background, keeping nothing, and compares. Results, counted in event::inspected_*:
/// - match: the same context.
/// - violation: another one, though what forbids the value had been applied before the read began, or the
///   value's life was over. Never, unless there is a defect; logged as an error.
/// - inconclusive: another one, but it has been invalidated since, or parts of it are missing, or nothing can
///   be said: no licence, a provider failed.
/// - unannounced: another one, and nobody has invalidated it. That is allowed for `l2_cache_ttl`.
/// It steps back for everybody: no more than `at_a_time`, none while loads wait or the key is being loaded.
/// Safe to call from every thread.
class inspector {
 public:
  static constexpr std::size_t at_a_time = 16;

  inspector(tiers& shared, const context_source& source, loader& loads, gate& background)
      : shared_(shared), source_(source), loads_(loads), background_(background) {
    set(shared.settings()->inspect);
  }

  /// From 0, never, to 1, every hit.
  void set(double fraction) noexcept;

  /// What was known when a read began: all of it counts against the answer.
  struct beginning {
    position at;
    time_point when;
  };
  /// Whether a read that begins now is to be inspected if it hits. One relaxed load when none ever is.
  [[nodiscard]] std::optional<beginning> chooses() const noexcept {
    const auto chance = chance_.load(std::memory_order_relaxed);
    if (chance == 0 || (chance != every_hit && drawn() > chance)) return std::nullopt;
    return beginning{shared_.table().current(), shared_.now()};
  }

  /// Inspects an answer, unless it is none from a tier. `home` is where the key is loaded.
  void inspect(lane_state& home, const key_view& wanted, const lookup& answer, beginning began);

 private:
  struct served {
    key wanted;
    entry_ptr value;
    position began;  // where the log was
    bool was_forbidden;
  };

  static constexpr auto every_hit = std::numeric_limits<std::uint64_t>::max();

  [[nodiscard]] static std::uint64_t drawn() noexcept;
  [[nodiscard]] boost::asio::awaitable<void> inspection(lane_state& home, served hit);
  [[nodiscard]] event judge(const served& hit, const result<lookup>& truth) const;
  [[nodiscard]] bool was_forbidden(const key_view& wanted, const entry& value, const beginning& began) const;

  tiers& shared_;
  const context_source& source_;
  loader& loads_;
  gate& background_;
  std::atomic<std::uint64_t> chance_{0};  // of the highest number
  std::atomic<std::size_t> running_{0};
};

}  // namespace ctxcache
