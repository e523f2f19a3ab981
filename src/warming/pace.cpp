#include "warming/pace.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace ctxcache::warming {

namespace {

constexpr std::uint32_t outcomes_kept = 20;
constexpr int failed_too_many = 10;
// Of the process' loads between two judgements; a single one says nothing.
constexpr std::uint64_t errors_min = 2;
constexpr std::uint64_t loads_per_error = 20;
constexpr std::chrono::milliseconds pause_first{1'000};
constexpr std::chrono::milliseconds pause_longest{10'000};
// What may be made up for after a wait: a tenth of a second's loads.
constexpr double burst_seconds = 0.1;

std::chrono::microseconds limit_of(const pace::budget& may) {
  if (may.p99_before.count() == 0) return may.slow_above;
  return std::max(may.p99_before * 5 / 4, pace::negligible);
}

std::size_t first_concurrency(const pace::budget& may) {
  return may.others_read ? std::max<std::size_t>(may.concurrency / 8, 1) : may.concurrency;
}

double seconds(boot_clock::duration time) {
  return std::chrono::duration<double>{time}.count();
}

double burst(double loads_per_second) {
  return std::max(1.0, loads_per_second * burst_seconds);
}

}  // namespace

pace::pace(const budget& may, time_point now)
    : may_(may),
      slow_(limit_of(may)),
      concurrency_(first_concurrency(may)),
      tokens_(burst(may.loads_per_second)),
      counted_at_(now) {}

double pace::tokens(time_point now) const {
  const double since = tokens_ + seconds(now - counted_at_) * may_.loads_per_second;
  return std::min(since, burst(may_.loads_per_second));
}

time_point pace::next(time_point now, std::size_t running) const {
  if (running >= (paused() ? 1 : concurrency_)) return time_point::max();
  const auto earliest = paused() ? std::max(now, resumes_at_) : now;
  if (may_.loads_per_second <= 0) return earliest;
  const double missing = 1 - tokens(now);
  if (missing <= 0) return earliest;
  const std::chrono::duration<double> wait{missing / may_.loads_per_second};
  const auto refilled = now + std::chrono::ceil<boot_clock::duration>(wait);
  return std::max(earliest, refilled);
}

void pace::began(time_point now) {
  tokens_ = tokens(now) - 1;
  counted_at_ = now;
}

void pace::pause(time_point now) {
  if (!paused()) paused_since_ = now;
  pause_ = paused() ? std::min(2 * pause_, pause_longest) : pause_first;
  resumes_at_ = now + pause_;
  concurrency_ = 1;
}

void pace::ended(time_point now, bool failed) {
  constexpr std::uint32_t kept = (1U << outcomes_kept) - 1;
  outcomes_ = ((outcomes_ << 1) | (failed ? 1 : 0)) & kept;
  if (paused()) {
    // Those that ran when the pause began end within it and say nothing new.
    if (failed && now >= resumes_at_) pause(now);
    if (!failed) {
      pause_ = pause_.zero();
      outcomes_ = 0;
    }
  } else if (std::popcount(outcomes_) >= failed_too_many) {
    pause(now);
  }
}

void pace::judge(std::chrono::microseconds live_p99, const totals& so_far) {
  const auto before = std::exchange(seen_, so_far);
  if (!std::exchange(judged_, true)) return;
  const auto loads = so_far.loads - before.loads;
  const auto errors = so_far.errors - before.errors;
  const bool failing = errors >= errors_min && errors * loads_per_error > loads;
  if (live_p99 > slow_ || failing) {
    concurrency_ = std::max<std::size_t>(concurrency_ / 2, 1);
  } else if (!paused()) {
    const auto step = std::max<std::size_t>(may_.concurrency / 16, 1);
    concurrency_ = std::min(concurrency_ + step, may_.concurrency);
  }
}

}  // namespace ctxcache::warming
