#include "core/fleet_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/run_on.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

// A script is about 20 µs of Redis' time; what takes this long is taken for an outage.
constexpr std::chrono::milliseconds script_budget{500};

}  // namespace

fleet_log::fleet_log(tiers& shared, std::unique_ptr<log_store> store, fleet_settings settings,
                     asio::any_io_executor home)
    : shared_(shared),
      store_(std::move(store)),
      settings_(std::move(settings)),
      home_(std::move(home)),
      id_(fmt::format("{:016x}", random_u64())),
      member_(shared.table(), shared.hash(), settings_.constants),
      outbox_(shared, *store_, settings_, home_,
              [this](const log_record& record, const publication& done, std::uint64_t pending) {
                applied_here(record, done, pending);
              }),
      beat_pause_(home_),
      tail_pause_(home_),
      licensed_(home_),
      report_{.shared = true, .joined = false, .licensed = false, .member = id_} {}

deadline fleet_log::soon() const {
  return deadline::after(shared_.now(), script_budget);
}

asio::awaitable<result<void>> fleet_log::start(deadline until) {
  auto work = start_here(until);
  co_return co_await run_on(home_, std::move(work));
}

// The journal first: what waits in it must be pending before the fleet's log lets anything be served.
asio::awaitable<result<void>> fleet_log::start_here(deadline until) {
  const auto opened = co_await outbox_.open();
  if (!opened) co_return opened.error();
  licensed_.expires_after(until.within(shared_.now(), std::chrono::hours{1}).remaining(shared_.now()));
  background_.spawn(home_, "heartbeat", beat());
  background_.spawn(home_, "tail of the log", follow());
  background_.spawn(home_, "delivery of queued invalidations", outbox_.deliver(background_));
  co_await licensed_.async_wait(quietly);
  if (!report().joined) log::out().warn("the fleet's log is not there yet: nothing is served from the cache");
  co_return result<void>{};
}

asio::awaitable<result<invalidation_log::publication>> fleet_log::publish(invalidation message,
                                                                          deadline until) {
  auto work = publish_here(std::move(message), until);
  co_return co_await run_on(home_, std::move(work));
}

// Rule 7. From the mark on, nothing that was loaded before is served here, whatever becomes of the message.
asio::awaitable<result<invalidation_log::publication>> fleet_log::publish_here(invalidation message,
                                                                               deadline until) {
  const auto now = shared_.now();
  const auto pending = shared_.table().mark_pending(message.what, now);
  log_record record{.what = message.what,
                    .reason = std::move(message.reason),
                    .member = id_,
                    .fence = message.fence,
                    .said_at = shared_.wall()};
  const auto published = co_await store_->publish(record, until.within(now, script_budget));
  if (published) {
    const publication done{.at = *published, .asked_at = now, .answered_at = shared_.now()};
    applied_here(record, done, pending);
    outbox_.remember(std::move(record), done);
    co_return done;
  }
  const auto kept = co_await outbox_.keep(std::move(record), pending);
  if (kept) co_return publication{.asked_at = now, .queued = true};
  shared_.table().settle(pending);
  co_return kept.error();
}

void fleet_log::applied_here(const log_record& record, const publication& done, std::uint64_t pending) {
  member_.published(record.what, done.at, done.answered_at, pending);
  if (member_.applied().epoch != done.at.epoch) beat_at_once();
}

fleet_report fleet_log::report() const {
  const std::lock_guard lock{report_mutex_};
  auto now = report_;
  now.licensed = shared_.table().licensed(shared_.now());
  now.queued = outbox_.size();
  return now;
}

asio::awaitable<void> fleet_log::stop() {
  auto work = leave();
  co_await run_on(home_, std::move(work));
}

asio::awaitable<void> fleet_log::leave() {
  background_.close();
  beat_pause_.cancel();
  tail_pause_.cancel();
  licensed_.cancel();
  outbox_.wake();
  // Rule 10: stop serving, then leave. Who calls has stopped serving.
  co_await unregister();
  co_await store_->stop();
  co_await background_.drain();
  outbox_.stop();
}

}  // namespace ctxcache
