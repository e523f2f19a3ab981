#include "warming/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.hpp"
#include "base/run_on.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds page_budget{30};
constexpr std::size_t ids_at_a_time = 1'000;
// Customers are counted ahead, for the time left, in so many pages at most.
constexpr std::size_t pages_counted = 100;
constexpr std::chrono::seconds retry_first{1};
constexpr std::chrono::seconds retry_longest{10};
// A query that is wrong fails each time.
constexpr int failures_of_query_max = 3;
// Entries that are kept warm are looked at so many times in their life.
constexpr int looks_in_a_life = 6;

pace::budget budget_of(const job_parts& with, const warm_order& order) {
  return {.concurrency = order.concurrency,
          .loads_per_second = order.loads_per_second,
          .slow_above = with.settings.slow_above,
          .p99_before = with.reads.p99_before,
          .others_read = with.reads.p99_now().count() != 0};
}

std::chrono::milliseconds life_of_entries(const cache_settings& settings) {
  return settings.enable_l2_cache ? settings.l2_cache_ttl : settings.l1_cache_ttl;
}

}  // namespace

job::job(job_parts with, job_state from, std::vector<std::string> ids, time_point held_at)
    : with_(std::move(with)),
      state_(std::move(from)),
      ids_(std::move(ids)),
      started_(with_.time.now()),
      done_before_(state_.report.customers_done),
      pace_(budget_of(with_, state_.report.order), started_),
      loader_(with_.cache, with_.time, with_.home, background_, state_, pace_, with_.counted),
      work_pause_(with_.home),
      watch_pause_(with_.home),
      leased_until_(held_at + job_board::term),
      loaded_before_(state_.report.loaded) {
  state_.by = with_.board.process();
  loader_.allow_until(leased_until_);
}

std::size_t job::sources() const {
  return state_.report.order.segments.size() + (ids_.empty() ? 0 : 1);
}

void job::leave(why reason, std::string sentence) {
  if (left_) return;
  left_ = reason;
  state_.report.why = std::move(sentence);
  loader_.stop();
  work_pause_.cancel();
  watch_pause_.cancel();
}

asio::awaitable<void> job::run() {
  background_.spawn(with_.home, "warming watch", watch());
  co_await warm();
  watch_pause_.cancel();
  background_.close();
  co_await background_.drain();
  co_await end();
}

asio::awaitable<void> job::warm() {
  if (!state_.first_pass_over) {
    if (!state_.report.customers) co_await count_customers();
    const auto half_life = life_of_entries(with_.cache.settings()) / 2;
    page_loader::plan how{.refresh = state_.report.order.refresh,
                          .expires_within = std::min(with_.settings.expires_within, half_life)};
    co_await pass(how);
    if (!going()) co_return;
    state_.first_pass_over = true;
    state_.report.customers = state_.report.customers_done;
    co_await with_.hot.tell(state_.report.id, loader_.keys());
  }
  co_await keep_warm(with_.time.now() - started_);
}

// A second reading of the ids is cheap beside loading their contexts.
asio::awaitable<void> job::count_customers() {
  std::size_t customers = 0;
  std::size_t pages = 0;
  for (std::size_t source = 0; source < sources() && going(); ++source) {
    std::string last;
    do {
      if (++pages > pages_counted) co_return;
      const auto page = co_await page_after(source, last);
      if (!page) co_return;
      customers += page->ids.size();
      last = page->last;
    } while (!last.empty() && going());
  }
  state_.report.customers = customers;
}

asio::awaitable<void> job::pass(page_loader::plan how) {
  while (going() && state_.source < sources()) {
    auto page = co_await next_page();
    if (!page) co_return;
    co_await loader_.load(std::move(page->ids), how);
    if (!going()) co_return;
    if (page->last.empty()) ++state_.source;
    state_.last = page->last;
    state_.noted = counts_of(state_.report);
    beats_at_ = with_.time.now();
    watch_pause_.cancel();
  }
}

// Looks at all entries several times in their life, and loads those that would expire before the next look
// has come to them.
asio::awaitable<void> job::keep_warm(boot_clock::duration first_pass) {
  const auto since = with_.time.wall() - state_.report.started_at;
  const auto left = state_.report.order.hold - std::chrono::duration_cast<std::chrono::milliseconds>(since);
  // By this process' clock from here on, however civil time jumps.
  const auto until = with_.time.now() + std::min(left, state_.report.order.hold);
  auto longest = first_pass;
  auto began = with_.time.now();
  while (going()) {
    const auto pause = life_of_entries(with_.cache.settings()) / looks_in_a_life;
    if (with_.time.now() >= until) co_return;
    co_await wait(work_pause_, std::min(until, began + pause));
    if (!going() || with_.time.now() >= until) co_return;
    began = with_.time.now();
    state_.source = 0;
    state_.last.clear();
    const auto within = std::chrono::duration_cast<std::chrono::milliseconds>(2 * pause + longest);
    page_loader::plan how{.expires_within = within, .counts_customers = false};
    co_await pass(how);
    longest = std::max(longest, with_.time.now() - began);
  }
}

asio::awaitable<result<customer_list::page>> job::page_after(std::size_t source, std::string last) {
  const auto& segments = state_.report.order.segments;
  if (source < segments.size()) {
    const auto list = with_.segments.at(segments[source]);
    co_return co_await list->next(std::move(last), deadline::after(with_.time.now(), page_budget));
  }
  const auto first = last.empty() ? std::size_t{0} : std::stoul(last);
  const auto end = std::min(first + ids_at_a_time, ids_.size());
  customer_list::page page;
  for (auto i = first; i < end; ++i) page.ids.push_back(ids_[i]);
  if (end < ids_.size()) page.last = std::to_string(end);
  co_return page;
}

// Nothing when the job has been left.
asio::awaitable<std::optional<customer_list::page>> job::next_page() {
  const auto since = with_.time.now();
  boot_clock::duration pause = retry_first;
  for (int failures = 1; going(); ++failures) {
    auto page = co_await page_after(state_.source, state_.last);
    unreadable_.clear();
    if (page) co_return *std::move(page);
    auto sentence = fmt::format("segment {} cannot be read: {}", state_.report.order.segments[state_.source],
                                code_name(page.error()));
    const bool wrong = page.error() == errc::provider_failed && failures >= failures_of_query_max;
    if (wrong || with_.time.now() - since >= gives_up_after) {
      leave(why::failed, std::move(sentence));
    } else {
      unreadable_ = std::move(sentence);
      co_await wait(work_pause_, with_.time.now() + pause);
      pause = std::min<boot_clock::duration>(2 * pause, retry_longest);
    }
  }
  co_return std::nullopt;
}

asio::awaitable<void> job::end() {
  auto& report = state_.report;
  if (left_ == why::lost) {
    log::out().warn("warming job {} is run by another process now", report.id);
    co_return;
  }
  if (left_ == why::stopped) {
    static_cast<void>(co_await with_.board.write(state_));  // else it goes on from what was written before
    co_await with_.board.release(report);
    co_return;
  }
  report.now = !left_ ? state::done : left_ == why::cancelled ? state::cancelled : state::failed;
  report.ended_at = with_.time.wall();
  report.remaining = std::nullopt;
  log::out().info("warming job {} {}: {} loaded, {} already warm, {} unknown, {} failed", report.id,
                  name(report.now), report.loaded, report.already_warm, report.unknown, report.failed);
  left_.reset();  // `stop` ends what follows
  while (going()) {
    const auto held = co_await hold();
    if (held && !*held) co_return;  // another process has it, or has ended it
    const auto written = co_await with_.board.write(state_);
    if (written && *written) {
      static_cast<void>(co_await with_.runs.add(report));
      co_await with_.board.close(report);
      break;
    }
    co_await wait(work_pause_, with_.time.now() + retry_first);
  }
  co_await with_.board.release(report);
}

}  // namespace ctxcache::warming
