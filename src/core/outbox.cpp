#include "core/outbox.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ranges>
#include <set>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "base/mutant.hpp"
#include "base/run_on.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds script_budget{500};
constexpr std::chrono::milliseconds retry_pause{100};
// Of those on disk, so many are published before the journal forgets them together.
constexpr std::size_t letters_at_a_time = 256;
// How long and how many of our own messages are kept to be said again in a new epoch.
constexpr std::chrono::seconds recent_life{60};
constexpr std::size_t recent_max = 10'000;

}  // namespace

outbox::outbox(tiers& shared, log_store& store, const fleet_settings& settings, asio::any_io_executor home,
               delivery delivered)
    : shared_(shared),
      store_(store),
      delivered_(std::move(delivered)),
      journal_({.path = settings.journal_path, .bytes_max = settings.journal_max_bytes}),
      pause_(home) {}

asio::awaitable<result<void>> outbox::open() {
  auto left = co_await journal_.open();
  if (!left) co_return left.error();
  if (!left->empty()) log::out().info("{} invalidations wait in the journal", left->size());
  for (auto& one : *left) {
    const auto mark = shared_.table().mark_pending(one.what, shared_.now());
    letters_.push_back({.said = std::move(one), .mark = mark, .on_disk = true});
  }
  count();
  co_return result<void>{};
}

asio::awaitable<result<void>> outbox::keep(log_record record, std::uint64_t mark) {
  // In line before the disk has it: the line is in the journal's order.
  letters_.push_back({.said = record, .mark = mark, .on_disk = true, .written = false});
  count();
  const auto kept = co_await journal_.append(std::move(record));
  // Near the end, however many wait.
  const auto behind = std::ranges::find(letters_.rbegin(), letters_.rend(), mark, &letter::mark);
  const auto mine = std::prev(behind.base());
  if (kept) {
    mine->written = true;
    if (CTX_MUTANT(no_pending)) shared_.table().settle(mark);
    co_return result<void>{};
  }
  letters_.erase(mine);
  count();
  if (kept.error() == errc::l2_unavailable) co_return errc::log_unavailable;
  co_return kept.error();
}

void outbox::remember(log_record record, const publication& done, time_point since) {
  recent_.push_back({std::move(record), done, since});
  while (recent_.size() > recent_max || recent_.front().since + recent_life < done.answered_at) {
    recent_.pop_front();
  }
}

std::optional<time_point> outbox::published_at(const position& at) const {
  const auto found = std::ranges::find(recent_, at, [](const said& one) { return one.done.at; });
  if (found == recent_.end()) return std::nullopt;
  return found->done.answered_at;
}

void outbox::say_again(std::uint64_t epoch, time_point sent) {
  const auto lost = [&](const said& one) {
    return one.done.at.epoch != epoch && one.done.answered_at <= sent;
  };
  if (std::ranges::none_of(recent_, lost)) return;
  // The newest of each scope says what the others would.
  std::set<std::pair<scope_kind, std::string>> said_again;
  auto all = std::exchange(recent_, {});
  for (auto& one : all | std::views::reverse) {
    if (!lost(one)) {
      recent_.push_front(std::move(one));
    } else if (one.since + recent_life >= sent) {
      auto& what = one.what.what;
      if (!said_again.emplace(what.kind(), what.text()).second) continue;
      const auto mark = shared_.table().mark_pending(what, one.done.answered_at);
      letters_.push_back({.said = std::move(one.what), .mark = mark, .on_disk = false, .since = one.since});
    }
  }
  count();
  wake();
}

asio::awaitable<void> outbox::deliver(const gate& background) {
  while (!background.closed()) {
    const bool delivered = co_await deliver_some();
    if (delivered || background.closed()) continue;
    pause_.expires_after(retry_pause);
    co_await pause_.async_wait(quietly);
  }
}

// In any order (the table keeps maxima), and forgotten only when published.
asio::awaitable<bool> outbox::deliver_some() {
  std::size_t published = 0;
  std::size_t on_disk = 0;
  while (published < letters_at_a_time && !letters_.empty() && letters_.front().written) {
    auto first = letters_.front();
    first.said.said_at = shared_.wall();
    const auto until = deadline::after(shared_.now(), script_budget);
    const auto at = co_await store_.publish(first.said, until);
    if (!at) break;
    letters_.pop_front();
    count();
    ++published;
    if (first.on_disk) ++on_disk;
    const publication done{.at = *at, .answered_at = shared_.now()};
    delivered_(first.said, done, first.mark);
    remember(first.said, done, first.since.value_or(done.answered_at));
  }
  if (on_disk + unforgotten_ > 0) co_await forget_on_disk(on_disk);
  co_return published > 0;
}

// What could not be forgotten is the oldest in the journal: it comes first the next time, or it would fill
// it.
asio::awaitable<void> outbox::forget_on_disk(std::size_t count) {
  const bool failed_before = unforgotten_ > 0;
  unforgotten_ += count;
  const auto dropped = co_await journal_.drop_front(unforgotten_);
  if (dropped) {
    unforgotten_ = 0;
  } else if (!failed_before) {
    log::out().error("the journal keeps {} records that are published: {}", count, dropped.error().message());
  }
}

}  // namespace ctxcache
