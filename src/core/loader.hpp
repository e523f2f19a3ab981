#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>

#include "base/gate.hpp"
#include "core/lane.hpp"
#include "core/tiers.hpp"
#include "ctxcache/invalidation_log.hpp"
#include "ctxcache/provider.hpp"

namespace ctxcache {

/// What happens when L1 has missed: join or start the key's load; a load asks L2, then the providers, and
/// stores. Every function is called on the lane's executor.
class loader {
 public:
  /// What took longer than `kept_max` to load is answered and not kept.
  loader(tiers& shared, context_source& source, invalidation_log& log, gate& background,
         boot_clock::duration kept_max)
      : shared_(shared), source_(source), log_(log), background_(background), kept_max_(kept_max) {}

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
  [[nodiscard]] std::size_t running() const noexcept { return running_.load(); }

 private:
  /// How one load goes about it.
  struct plan {
    bool ask_l2 = true;
    bool keep = true;
    read_options wishes{};  // of the reader who leads it
  };

  [[nodiscard]] boost::asio::awaitable<void> fly(lane_state& lane, key wanted, plan how);
  [[nodiscard]] boost::asio::awaitable<flight::landing> load(lane_state& lane, key wanted, plan how);
  [[nodiscard]] boost::asio::awaitable<result<lookup>> load_from_source(lane_state& lane, key wanted,
                                                                        plan how, position stamp,
                                                                        boot_clock::duration l2_budget);
  [[nodiscard]] boost::asio::awaitable<bool> landed_by(std::shared_ptr<flight::flight> on, deadline until);
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
  std::atomic<std::size_t> running_{0};
};

}  // namespace ctxcache
