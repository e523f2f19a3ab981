// What a job does beside its loads: leases, its state in the shared store, its pace, and what it says of
// itself.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/run_on.hpp"
#include "warming/job.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds every{1};
// How often the clock is looked at while waiting: timers follow the machine's, whatever `time` says.
constexpr std::chrono::milliseconds look_every{50};
// A lease counts as lost so long before its term: loads that have begun by then have mostly ended.
constexpr std::chrono::seconds lease_margin{1};
// Each so many beats it is made sure that the store has not lost the job.
constexpr std::size_t beats_between_checks = 10;

}  // namespace

// Until then, or until the pause is cancelled.
asio::awaitable<void> job::wait(timer& pause, time_point until) {
  while (going() && with_.time.now() < until) {
    pause.expires_after(std::min<boot_clock::duration>(until - with_.time.now(), look_every));
    const auto [cancelled] = co_await pause.async_wait(quietly);
    if (cancelled) co_return;
  }
}

asio::awaitable<void> job::watch() {
  while (going() && !background_.closed()) {
    const auto now = with_.time.now();
    if (now >= judges_at_) judge(now);
    if (now >= beats_at_) {
      beats_at_ = now + every;
      co_await beat();
    } else {
      co_await wait(watch_pause_, std::min(beats_at_, judges_at_));
    }
  }
}

asio::awaitable<result<bool>> job::hold() {
  const auto sent = with_.time.now();
  auto held = co_await with_.board.hold(state_.report);
  if (!held || !*held) co_return held;
  if (sent >= leased_until_) {
    // Ours again, but another process may have had it meanwhile, and even have ended it.
    const auto until = deadline::after(sent, every);
    const auto written = co_await with_.board.read(state_.report.id, until);
    const bool ours = written && (!*written || (*written)->by == state_.by);
    if (!ours) {
      co_await with_.board.release(state_.report);
      if (!written) co_return result<bool>{boost::system::in_place_error, written.error()};
      co_return false;
    }
  }
  leased_until_ = sent + job_board::term;
  co_return true;
}

asio::awaitable<void> job::beat() {
  const auto held = co_await hold();
  if (held && !*held) leave(why::lost);
  if (!held || !*held) co_return;
  loader_.allow_until(leased_until_ - lease_margin);
  const auto cancelled = co_await with_.board.asked_to_cancel(state_.report.id);
  if (cancelled && *cancelled) cancel();
  if (!going()) co_return;
  auto now = state_;
  now.report = report();
  // What cannot be written now is written in a second, while the lease lasts.
  static_cast<void>(co_await with_.board.write(now));
  if (++beats_ % beats_between_checks == 0) co_await with_.board.make_sure(now, ids_);
}

void job::judge(time_point now) {
  judges_at_ = now + every;
  const auto totals = with_.cache.stats();
  pace_.judge(with_.reads.p99_now(), {.loads = totals.loads, .errors = totals.load_errors});
  auto& report = state_.report;
  const auto loaded = static_cast<double>(report.loaded - std::exchange(loaded_before_, report.loaded));
  // Smoothed over some seconds; whole from the first on.
  report.loads_per_second =
      report.loads_per_second == 0 ? loaded : report.loads_per_second * 0.7 + loaded * 0.3;
  if (pace_.paused() && now - pace_.paused_since() >= gives_up_after) {
    leave(why::failed, fmt::format("no load has succeeded for 10 minutes: {}", loader_.last_error()));
  }
}

job_report job::report() const {
  auto out = state_.report;
  if (out.ended_at) return out;
  const auto now = with_.time.now();
  out.concurrency = pace_.concurrency();
  // One that is not to keep them warm is about to end once they are.
  out.now = state_.first_pass_over && out.order.hold.count() > 0 ? state::holding : state::running;
  const auto paused = [&](std::string sentence) {
    out.now = state::paused;
    out.why = std::move(sentence);
  };
  if (left_ == why::cancelled) {
    out.now = state::cancelled;  // its last loads are ending
  } else if (now >= loader_.allowed_until()) {
    paused("the shared store cannot be reached");
  } else if (!unreadable_.empty()) {
    paused(unreadable_);
  } else if (pace_.paused()) {
    paused(fmt::format("the providers fail: {}", loader_.last_error()));
  }
  const auto done = out.customers_done - done_before_;
  if (out.customers && done > 0 && !state_.first_pass_over) {
    const auto left = *out.customers > out.customers_done ? *out.customers - out.customers_done : 0;
    const auto each = std::chrono::duration<double>{now - started_} / static_cast<double>(done);
    out.remaining = std::chrono::duration_cast<std::chrono::milliseconds>(each * static_cast<double>(left));
  }
  return out;
}

}  // namespace ctxcache::warming
