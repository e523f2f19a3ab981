#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "core/census.hpp"
#include "core/lane.hpp"
#include "core/tiers.hpp"
#include "ctxcache/invalidation_log.hpp"
#include "ctxcache/orchestrator.hpp"

namespace ctxcache {

/// Invalidates (rule 7): publishes, and frees what is forbidden by it. From `publish` on, the table keeps
/// everything that the scope covers from being served here; dropping copies only frees memory and spares
/// others a look. So what is known to lie in L2 is unlinked while the message is on its way: one round trip
/// for both (ADR 5). Every function is called on the executor of the lane given at construction.
class invalidator {
 public:
  invalidator(tiers& shared, lane_state& lane, invalidation_log& log, census& fleet, gate& background)
      : shared_(shared), lane_(lane), log_(log), fleet_(fleet), background_(background) {}

  [[nodiscard]] boost::asio::awaitable<result<receipt>> invalidate(invalidation message, deadline until);
  [[nodiscard]] boost::asio::awaitable<preview> preview_of(scope what, deadline until);

 private:
  struct sweep_order {
    scope what;
    position before;
  };

  // What is done side by side; each takes one of the two.
  struct step {
    result<invalidation_log::publication> published{};
    result<std::size_t> unlinked{};
  };
  [[nodiscard]] boost::asio::awaitable<step> publish(invalidation message, deadline until);
  [[nodiscard]] boost::asio::awaitable<step> unlink(std::vector<key> known, deadline until);
  [[nodiscard]] boost::asio::awaitable<result<std::size_t>> count_l2(scope what, deadline until);
  [[nodiscard]] std::vector<key> known_keys(const scope& what) const;
  void sweep_later(scope what, position before);
  [[nodiscard]] boost::asio::awaitable<void> sweep();
  [[nodiscard]] boost::asio::awaitable<bool> sweep_page(const std::vector<sweep_order>& orders,
                                                        const std::vector<key>& page);

  tiers& shared_;
  lane_state& lane_;
  invalidation_log& log_;
  census& fleet_;
  gate& background_;
  std::vector<sweep_order> orders_;  // what the next pass over L2 looks for
  bool sweeping_ = false;
};

}  // namespace ctxcache
