#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "coherence/member.hpp"
#include "coherence/sightings.hpp"
#include "core/outbox.hpp"
#include "core/tiers.hpp"
#include "ctxcache/config.hpp"
#include "ctxcache/invalidation_log.hpp"
#include "ctxcache/log_store.hpp"

namespace ctxcache {

/// The log that a fleet shares: does the I/O for a coherence::member. While it lives one coroutine sends
/// heartbeats, one reads the tail, one publishes what waits. Everything happens on `home`; the calls hop
/// there.
class fleet_log final : public invalidation_log {
 public:
  fleet_log(tiers& shared, std::unique_ptr<log_store> store, fleet_settings settings,
            boost::asio::any_io_executor home);

  [[nodiscard]] boost::asio::awaitable<result<void>> start(deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<publication>> publish(invalidation message,
                                                                    deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<fence_report>> fence(invalidation message,
                                                                   publication published,
                                                                   deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<fence_report>> fence_at(position at, deadline until) override;
  [[nodiscard]] std::optional<position> stamp_of(const entry& from_l2) const noexcept override {
    return from_l2.stamp;
  }
  [[nodiscard]] fleet_report report() const override;
  [[nodiscard]] boost::asio::awaitable<void> stop() override;

 private:
  // fleet_log.cpp
  [[nodiscard]] boost::asio::awaitable<result<void>> start_here(deadline until);
  [[nodiscard]] boost::asio::awaitable<result<publication>> publish_here(invalidation message,
                                                                         deadline until);
  void applied_here(const log_record& record, const publication& done, std::uint64_t pending);
  [[nodiscard]] boost::asio::awaitable<void> leave();
  [[nodiscard]] deadline soon() const;

  // fleet_fence.cpp
  [[nodiscard]] boost::asio::awaitable<result<fence_report>> fence_here(invalidation message,
                                                                        publication published,
                                                                        deadline until);
  [[nodiscard]] boost::asio::awaitable<result<fence_report>> fence_at_here(position at, deadline until);
  [[nodiscard]] boost::asio::awaitable<coherence::member::verdict> judge(fence_report& report,
                                                                         time_point published_at,
                                                                         deadline until);
  [[nodiscard]] boost::asio::awaitable<bool> replicated(deadline until);

  // fleet_membership.cpp
  [[nodiscard]] boost::asio::awaitable<void> beat();
  [[nodiscard]] boost::asio::awaitable<void> heard(log_store::beat_answer answer, time_point sent);
  [[nodiscard]] boost::asio::awaitable<void> join(position last);
  [[nodiscard]] boost::asio::awaitable<bool> fit_to_join();
  [[nodiscard]] boost::asio::awaitable<void> follow();
  [[nodiscard]] boost::asio::awaitable<void> bury_the_silent();
  [[nodiscard]] boost::asio::awaitable<void> give_up();
  [[nodiscard]] boost::asio::awaitable<void> unregister();
  void beat_at_once();
  void note_licence();
  void refuse(std::string why);

  tiers& shared_;
  const std::unique_ptr<log_store> store_;
  const fleet_settings settings_;
  const boost::asio::any_io_executor home_;
  const std::string id_;  // fresh for each start of the process
  coherence::member member_;
  coherence::sightings sightings_;
  outbox outbox_;
  gate background_;

  std::uint64_t beats_ = 0;
  bool beat_now_ = false;
  bool was_licensed_ = false;
  timer beat_pause_;
  timer tail_pause_;
  timer licensed_;  // ends with the first licence

  // Of the WAITs of fences: how many began, which one ended and which one was acknowledged last.
  std::uint64_t waits_begun_ = 0;
  std::uint64_t waits_ended_ = 0;
  std::uint64_t wait_acknowledged_ = 0;
  std::shared_ptr<timer> wait_under_way_;  // ends with it
  std::vector<std::string> warned_;        // about the server, once each

  mutable std::mutex report_mutex_;
  fleet_report report_;  // Guarded by report_mutex_.
};

}  // namespace ctxcache
