// What a warmer does by itself: the hot keys, credits, and jobs that nobody runs any more.
#include <fmt/format.h>
#include <array>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"
#include "warming/warmer_impl.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;

namespace {

// How often the clock is looked at while waiting: timers follow the machine's, whatever `time` says.
constexpr std::chrono::milliseconds look_every{50};

warmer_parts complete(warmer_parts with) {
  if (!with.live_p99) {
    with.live_p99 = [](std::chrono::seconds) { return std::chrono::microseconds{0}; };
  }
  return with;
}

}  // namespace

warmer::impl::impl(orchestrator& of, const warmer_settings& how, warmer_parts parts)
    : cache(of),
      settings(how),
      with(complete(std::move(parts))),
      board(with.shared, *with.time, fmt::format("{:016x}", random_u64())),
      ended_runs(with.shared, *with.time),
      hot(cache, with.shared, *with.time, settings.hot_keys),
      reads{.p99 = with.live_p99} {}

deadline warmer::impl::soon() const {
  return deadline::after(with.time->now(), std::chrono::milliseconds{500});
}

std::chrono::milliseconds warmer::impl::life_of_entries() const {
  const auto now = cache.settings();
  return now.enable_l2_cache ? now.l2_cache_ttl : now.l1_cache_ttl;
}

asio::awaitable<void> warmer::impl::begin() {
  const auto until = deadline::after(with.time->now(), settings.warm_start_budget);
  const auto restored = co_await hot.restore(until);
  if (restored > 0) log::out().info("{} hot keys of before are in memory again", restored);
  background.spawn(with.home, "warming chores", do_chores());
}

asio::awaitable<void> warmer::impl::stop() {
  background.close();
  for (const auto& [id, one] : jobs) {
    if (one) one->stop();
  }
  co_await background.drain();
  co_await credit();
  co_await hot.note();
}

// Until then, or until the warmer stops.
asio::awaitable<void> warmer::impl::wait(time_point until) {
  timer look{with.home};
  while (!background.closed() && with.time->now() < until) {
    look.expires_after(std::min<boot_clock::duration>(until - with.time->now(), look_every));
    co_await look.async_wait(quietly);
  }
}

asio::awaitable<void> warmer::impl::do_chores() {
  struct chore {
    std::chrono::seconds every;
    asio::awaitable<void> (impl::*work)();
    time_point next;
  };
  const auto now = with.time->now();
  std::array<chore, 6> chores{{{std::chrono::seconds{1}, &impl::look_at_reads, now},
                               {std::chrono::seconds{1}, &impl::credit, now},
                               {std::chrono::seconds{1}, &impl::follow, now},
                               {std::chrono::seconds{3}, &impl::take_up_abandoned, now},
                               {std::chrono::seconds{10}, &impl::note_hot, now + std::chrono::seconds{10}},
                               {std::chrono::seconds{60}, &impl::settle_runs, now}}};
  while (!background.closed()) {
    for (auto& one : chores) {
      if (background.closed() || with.time->now() < one.next) continue;
      co_await (this->*one.work)();
      one.next = with.time->now() + one.every;
    }
    const auto next = std::ranges::min(chores, {}, &chore::next).next;
    co_await wait(next);
  }
}

// What a job is compared with is from when there was none.
asio::awaitable<void> warmer::impl::look_at_reads() {
  if (jobs.empty()) {
    reads.p99_before = reads.p99(live_reads::before);
  } else {
    static_cast<void>(reads.p99_now());
  }
  co_return;
}

asio::awaitable<void> warmer::impl::credit() {
  auto hit = cache.take_credits();
  counted.hit_later += hit.size();
  co_await ended_runs.credit(std::move(hit), life_of_entries());
}

asio::awaitable<void> warmer::impl::settle_runs() {
  co_await ended_runs.settle(life_of_entries());
}

void warmer::impl::launch(job_state state, std::vector<std::string> ids, time_point held_at) {
  const auto id = state.report.id;
  job_parts parts{.cache = cache,
                  .board = board,
                  .runs = ended_runs,
                  .hot = hot,
                  .counted = counted,
                  .time = *with.time,
                  .segments = with.segments,
                  .reads = reads,
                  .settings = settings,
                  .home = with.home};
  const auto one = std::make_shared<job>(std::move(parts), std::move(state), std::move(ids), held_at);
  jobs[id] = one;
  ++counted.running;
  if (!background.spawn(with.home, "warming job", carry_out(id, one))) {
    jobs.erase(id);
    --counted.running;
  }
}

asio::awaitable<void> warmer::impl::carry_out(std::string id, std::shared_ptr<job> one) {
  co_await one->run();
  jobs.erase(id);
  --counted.running;
}

asio::awaitable<void> warmer::impl::take_up_abandoned() {
  const auto unfinished = co_await board.open(soon());
  if (!unfinished) co_return;
  for (const auto& id : *unfinished) {
    if (!jobs.contains(id) && !background.closed()) co_await take_up(id);
  }
}

asio::awaitable<void> warmer::impl::take_up(std::string id) {
  auto before = co_await board.read(id, soon());
  if (!before) co_return;
  if (!*before || (*before)->report.ended_at) {
    co_await board.strike(std::move(id));
    co_return;
  }
  const auto job = (*before)->report;
  const auto now = with.time->now();
  const auto held = co_await board.hold(job);
  // As it is now that nobody else writes it.
  auto state = co_await board.read(id, soon());
  const bool mine = held && *held && state && *state && !(*state)->report.ended_at;
  if (!mine || background.closed()) {
    co_await board.release(job);
    co_return;
  }
  auto ids = co_await board.ids(job);
  const bool lost = !ids && (ids.error() == errc::not_cached || ids.error() == errc::corrupt_value);
  if (!ids && !lost) {
    co_await board.release(job);
    co_return;
  }
  auto order = job.order;
  if (ids) order.customer_ids = *ids;
  auto why = ids ? refusal(order) : std::string{"the ids that were ordered are lost"};
  if (!why.empty()) {
    co_await give_up(**std::move(state), std::move(why));
  } else {
    log::out().info("goes on with warming job {}, which nobody runs", id);
    launch(resumed(**std::move(state)), *std::move(ids), now);
  }
}

asio::awaitable<void> warmer::impl::give_up(job_state state, std::string why) {
  state.report.now = job_report::state::failed;
  state.report.why = std::move(why);
  state.report.ended_at = with.time->wall();
  const auto written = co_await board.write(state);
  if (written && *written) {
    static_cast<void>(co_await ended_runs.add(state.report));
    co_await board.close(state.report);
  }
  co_await board.release(state.report);
}

}  // namespace ctxcache::warming
