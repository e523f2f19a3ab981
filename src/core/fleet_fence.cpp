// Rule 8: when no process serves any more what a message forbids.
#include <algorithm>
#include <utility>

#include "base/mutant.hpp"
#include "base/run_on.hpp"
#include "core/fleet_log.hpp"

namespace ctxcache {

namespace asio = boost::asio;
using verdict = coherence::member::verdict;

namespace {

constexpr std::chrono::milliseconds poll_min{1};
constexpr std::chrono::milliseconds poll_max{20};
constexpr std::chrono::milliseconds look_budget{500};

}  // namespace

asio::awaitable<result<invalidation_log::fence_report>> fleet_log::fence(invalidation message,
                                                                         publication published,
                                                                         deadline until) {
  auto work = fence_here(std::move(message), published, until);
  co_return co_await run_on(home_, std::move(work));
}

asio::awaitable<result<invalidation_log::fence_report>> fleet_log::fence_here(invalidation message,
                                                                              publication published,
                                                                              deadline until) {
  fence_report report{.at = published.at};
  if (published.queued) co_return report;
  timer pause{home_};
  boot_clock::duration poll = poll_min;
  bool on_replicas = co_await replicated(until);
  while (!background_.closed()) {
    const auto now = on_replicas ? co_await judge(report, published.answered_at, until) : verdict::start_over;
    report.confirmed = now == verdict::confirmed;
    if (report.confirmed || until.passed(shared_.now())) break;
    if (now == verdict::start_over) {
      // What the log has lost, or may lose, is said again.
      auto again = message;
      const auto said = co_await publish_here(std::move(again), until);
      if (said && said->queued) break;
      if (said) {
        published = *said;
        report.at = said->at;
      }
      on_replicas = said && co_await replicated(until);
    }
    pause.expires_after(std::min(poll, until.remaining(shared_.now())));
    co_await pause.async_wait(quietly);
    poll = std::min<boot_clock::duration>(poll * 2, poll_max);
  }
  shared_.count(report.confirmed ? event::fence_confirmed : event::fence_unconfirmed);
  co_return report;
}

asio::awaitable<result<invalidation_log::fence_report>> fleet_log::fence_at(position at, deadline until) {
  auto work = fence_at_here(at, until);
  co_return co_await run_on(home_, std::move(work));
}

asio::awaitable<result<invalidation_log::fence_report>> fleet_log::fence_at_here(position at,
                                                                                 deadline until) {
  fence_report report{.at = at};
  // Of another process' message we know at least that it was published before now.
  const auto published_at = outbox_.published_at(at).value_or(shared_.now());
  const bool on_replicas = co_await replicated(until);
  const auto now = on_replicas ? co_await judge(report, published_at, until) : verdict::waiting;
  if (now == verdict::start_over) co_return errc::position_lost;
  report.confirmed = now == verdict::confirmed;
  co_return report;
}

asio::awaitable<verdict> fleet_log::judge(fence_report& report, time_point published_at, deadline until) {
  const auto look = until.within(shared_.now(), look_budget);
  const auto seen = co_await store_->registered(look);
  if (!seen) co_return verdict::waiting;
  report.members.clear();
  std::vector<coherence::member::fellow> fellows;
  for (const auto& one : seen->all) {
    report.members.push_back({one.id, one.applied});
    fellows.push_back({one.id, one.applied});
  }
  co_return member_.judge_fence(report.at, published_at, seen->last, fellows, shared_.now());
}

// One WAIT at a time for all fences: while it runs, its connection can publish nothing. One that begins after
// a message was published speaks for it too.
asio::awaitable<bool> fleet_log::replicated(deadline until) {
  if (settings_.replicas == 0 || CTX_MUTANT(no_wait)) co_return true;
  const auto needed = waits_begun_ + 1;
  while (wait_under_way_) {
    const auto other = wait_under_way_;
    co_await other->async_wait(quietly);
    if (waits_ended_ >= needed) co_return wait_acknowledged_ >= needed;
  }
  const auto mine = ++waits_begun_;
  wait_under_way_ = std::make_shared<timer>(home_, std::chrono::hours{1});
  const auto look = until.within(shared_.now(), look_budget);
  const auto have = co_await store_->wait(settings_.replicas, look);
  waits_ended_ = mine;
  if (have && have.value() >= settings_.replicas) wait_acknowledged_ = mine;
  std::exchange(wait_under_way_, nullptr)->cancel();
  co_return wait_acknowledged_ == mine;
}

}  // namespace ctxcache
