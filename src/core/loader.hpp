#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>

#include "base/gate.hpp"
#include "coherence/position_history.hpp"
#include "core/lane.hpp"
#include "core/load_budget.hpp"
#include "core/tiers.hpp"
#include "ctxcache/invalidation_log.hpp"
#include "ctxcache/orchestrator.hpp"
#include "ctxcache/provider.hpp"

namespace ctxcache {

/// What happens when L1 has missed: join or start the key's load; a load asks L2, then the providers, and
/// stores. Every function is called on the lane's executor.
class loader {
 public:
  /// What took longer than `kept_max` to load is answered and not kept.
  loader(tiers& shared, context_source& source, invalidation_log& log, gate& background,
         boot_clock::duration kept_max)
      : shared_(shared),
        source_(source),
        log_(log),
        background_(background),
        kept_max_(kept_max),
        budget_(shared.settings()->max_concurrent_loads) {}

  /// An answer that this reader may have (rule 6): valid now, or from a load that began after it came.
  /// `l2_missed`: L2 has just been asked for this key.
  [[nodiscard]] boost::asio::awaitable<result<lookup>> read(lane_state& lane, key wanted,
                                                            read_options options, bool l2_missed);
  /// L2 alone, promoted into L1; null when it has nothing that may be served.
  [[nodiscard]] boost::asio::awaitable<std::optional<lookup>> read_l2(lane_state& lane, key wanted,
                                                                      read_options options);
  /// The same for many keys in one round trip; answers in their order.
  [[nodiscard]] boost::asio::awaitable<std::vector<std::optional<lookup>>> read_l2_many(
      lane_state& lane, std::vector<key> wanted, read_options options);
  /// Loads for whoever will ask: whatever the tiers hold, and into L1 only where there is room. Joins a load
  /// under way.
  [[nodiscard]] boost::asio::awaitable<result<void>> warm(lane_state& lane, key wanted, warm_options options);
  /// What L2 holds and this process may serve; null where there is nothing. One round trip, and no read.
  [[nodiscard]] boost::asio::awaitable<std::vector<entry_ptr>> look(lane_state& lane, std::vector<key> wanted,
                                                                    deadline until);
  /// What the source says now, for nobody's sake: kept nowhere. errc::overloaded, and nothing asked, when the
  /// key is being loaded or no place is free.
  [[nodiscard]] boost::asio::awaitable<result<lookup>> truth(lane_state& lane, key wanted);
  /// Now and then, so that it is known later what had been applied by now. Safe to call from every thread.
  void note_position() { past_.note(shared_.table().current(), shared_.now()); }
  /// How many loads may run, run, and wait in line. Safe to call from every thread.
  [[nodiscard]] load_budget& budget() noexcept { return budget_; }
  [[nodiscard]] const load_budget& budget() const noexcept { return budget_; }

 private:
  /// How one load goes about it.
  struct plan {
    bool ask_l2 = true;
    bool keep = true;
    bool aside = false;                  // now or not at all
    bool ahead = false;                  // before anybody asks
    warm_mark credit{};                  // of what is loaded ahead
    read_options wishes{};               // of the reader who leads it
    std::shared_ptr<flight::flight> on;  // null: it is for one reader only
  };
  /// What a source gave, and when it was asked.
  struct loaded {
    provided_context what{};
    position stamp;
    time_point began;
    time_point ended{};
  };

  [[nodiscard]] boost::asio::awaitable<void> fly(lane_state& lane, key wanted, plan how);
  [[nodiscard]] boost::asio::awaitable<flight::landing> load(lane_state& lane, key wanted, plan how);
  [[nodiscard]] boost::asio::awaitable<result<lookup>> load_from_source(lane_state& lane, key wanted,
                                                                        plan how,
                                                                        boot_clock::duration l2_budget);
  [[nodiscard]] boost::asio::awaitable<result<loaded>> ask(key wanted, plan how);
  [[nodiscard]] boost::asio::awaitable<result<load_budget::slot>> turn(plan how);
  [[nodiscard]] bool settled(const hashed_key& where, const loaded& got) const;
  [[nodiscard]] static std::shared_ptr<entry> make_entry(loaded got, const cache_settings& how);
  [[nodiscard]] boost::asio::awaitable<bool> landed_by(std::shared_ptr<flight::flight> on, deadline until);
  [[nodiscard]] entry_ptr from_l2(const key& wanted, const result<l2_cache::hit>& got,
                                  const read_options& options, std::optional<rejecting_tier> found_in);
  [[nodiscard]] std::optional<lookup> promote(const key& wanted, const result<l2_cache::hit>& got,
                                              const read_options& options);
  [[nodiscard]] bool may_use_l2(bool strict) const;
  [[nodiscard]] bool may_have(const key& wanted, const flight::landing& outcome, const read_options& options,
                              bool began_after) const;
  [[nodiscard]] result<lookup> settle(const key& wanted, const result<lookup>& outcome,
                                      const read_options& options, bool collapsed);
  [[nodiscard]] result<lookup> stale_or(error_code error, const key& wanted, const read_options& options);

  tiers& shared_;
  context_source& source_;
  invalidation_log& log_;
  gate& background_;
  const boot_clock::duration kept_max_;
  load_budget budget_;
  coherence::position_history past_;
};

}  // namespace ctxcache
