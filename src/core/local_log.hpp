#pragma once

#include <mutex>

#include "core/tiers.hpp"
#include "ctxcache/invalidation_log.hpp"

namespace ctxcache {

/// The log of one process: every message is applied as it is published, and nothing else ever arrives.
///
/// Sequence numbers are microseconds of the boot clock (never the same twice). So what another process stored
/// in L2, whose stamp says nothing here, can be judged by when its load began, reckoned from its age.
class local_log final : public invalidation_log {
 public:
  explicit local_log(tiers& shared);

  /// Where a log that starts now begins: a random epoch.
  [[nodiscard]] static position start(time_point now);

  [[nodiscard]] boost::asio::awaitable<result<publication>> publish(invalidation message,
                                                                    deadline until) override;
  /// Confirmed at once: there is no other process.
  [[nodiscard]] boost::asio::awaitable<result<fence_report>> fence(invalidation message,
                                                                   publication published,
                                                                   deadline until) override;
  [[nodiscard]] std::optional<position> stamp_of(const entry& from_l2) const noexcept override;
  [[nodiscard]] boost::asio::awaitable<result<fence_report>> fence_at(position at, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<void>> start(deadline until) override;
  [[nodiscard]] fleet_report report() const override { return {}; }
  [[nodiscard]] boost::asio::awaitable<void> stop() override { co_return; }

 private:
  tiers& shared_;
  std::mutex order_;  // Messages are numbered and applied one after the other.
};

}  // namespace ctxcache
