#include "core/invalidator.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

// A page of a background sweep may take this long; nobody waits for it.
constexpr std::chrono::seconds page_budget{1};
constexpr std::chrono::milliseconds page_pause{1};

bool names_one_key(const scope& what) {
  return what.kind() == scope_kind::key;
}

}  // namespace

asio::awaitable<result<receipt>> invalidator::invalidate(invalidation message, deadline until) {
  const auto asked = shared_.now();
  const bool has_l2 = shared_.settings()->enable_l2_cache;
  auto known = has_l2 ? known_keys(message.what) : std::vector<key>{};
  const bool any_known = !known.empty();
  std::vector<asio::awaitable<step>> steps;
  steps.push_back(publish(message, until));
  if (any_known) steps.push_back(unlink(std::move(known), until));
  const auto taken = co_await gather(std::move(steps));
  const auto& published = taken.front().published;
  if (!published) co_return published.error();
  shared_.count(event::invalidation);
  receipt done{.at = published->at, .what = message.what, .queued = published->queued};
  done.matched_l1 = shared_.erase(message.what);
  if (any_known) {
    const auto& unlinked = taken.back().unlinked;
    done.l2_reached = unlinked.has_value();
    done.unlinked_l2 = unlinked ? *unlinked : 0;
  } else if (has_l2) {
    done.l2_reached = !done.queued && lane_.l2->report().now == l2_cache::health::state::up;
  }
  // While the message is queued Redis is down; what it holds is judged by the log when it is back.
  if (has_l2 && !done.queued && !names_one_key(done.what)) sweep_later(done.what, done.at);
  if (message.fence) {
    auto report = co_await log_.fence(std::move(message), *published, until);
    if (!report) co_return report.error();
    done.at = report->at;
    const auto waited = shared_.now() - asked;
    shared_.count_fence(waited);
    done.fenced =
        receipt::fence{*std::move(report), std::chrono::duration_cast<std::chrono::milliseconds>(waited)};
  }
  co_return done;
}

asio::awaitable<invalidator::step> invalidator::publish(invalidation message, deadline until) {
  step taken;
  taken.published = co_await log_.publish(std::move(message), until);
  co_return taken;
}

// Of the number that the message will get this much is known: it is above all that have been applied here.
// What others have stored under a higher stamp is left to the next load, which overwrites it.
asio::awaitable<invalidator::step> invalidator::unlink(std::vector<key> known, deadline until) {
  auto before = shared_.table().current();
  ++before.sequence;
  const auto l2_until = until.within(shared_.now(), shared_.settings()->l2_budget);
  step taken;
  taken.unlinked = co_await lane_.l2->unlink(std::move(known), before, l2_until);
  co_return taken;
}

// The keys that a scope is known to hold without looking: of a customer, the key of each agent type.
std::vector<key> invalidator::known_keys(const scope& what) const {
  std::vector<key> keys;
  const auto add = [&](const std::string& text) {
    if (auto one = key::parse(text)) keys.push_back(*std::move(one));
  };
  if (what.kind() == scope_kind::key || what.kind() == scope_kind::agent_type) add(what.text());
  if (what.kind() == scope_kind::customer) {
    for (const auto& agent_type : shared_.settings()->agent_types) {
      add(what.text() + ":" + percent_encode(agent_type));
    }
  }
  return keys;
}

void invalidator::sweep_later(scope what, position before) {
  orders_.push_back({std::move(what), before});
  if (sweeping_) return;
  // Set first: where Redis is away, the pass may have ended before `spawn` returns.
  sweeping_ = true;
  if (!background_.spawn(lane_.executor, "sweep of L2", sweep())) sweeping_ = false;
}

// One pass at a time, however many invalidations come meanwhile: they share the next one. Pages come at a
// bounded rate, since a pass looks at every key of Redis to free a few.
asio::awaitable<void> invalidator::sweep() {
  timer pause{lane_.executor};
  while (!orders_.empty() && !background_.closed()) {
    const auto orders = std::exchange(orders_, {});
    const std::string glob = orders.size() == 1 ? orders.front().what.glob() : "context:*";
    std::uint64_t cursor = 0;
    do {
      const auto until = deadline::after(shared_.now(), page_budget);
      const auto page = co_await lane_.l2->scan(glob, cursor, until);
      const bool swept = page && co_await sweep_page(orders, page->keys);
      if (background_.closed()) break;
      if (!swept) {
        log::out().warn(
            "Redis could not be swept after an invalidation; its copies stay until their TTL, unserved");
        break;
      }
      cursor = page->cursor;
      if (cursor == 0) break;
      pause.expires_after(page_pause);
      co_await pause.async_wait(quietly);
    } while (!background_.closed());
  }
  sweeping_ = false;
}

asio::awaitable<bool> invalidator::sweep_page(const std::vector<sweep_order>& orders,
                                              const std::vector<key>& page) {
  for (const auto& order : orders) {
    std::vector<key> gone;
    std::ranges::copy_if(page, std::back_inserter(gone),
                         [&](const key& one) { return order.what.covers(one); });
    if (gone.empty()) continue;
    const auto until = deadline::after(shared_.now(), page_budget);
    const auto unlinked = co_await lane_.l2->unlink(std::move(gone), order.before, until);
    if (!unlinked) co_return false;
  }
  co_return true;
}

asio::awaitable<preview> invalidator::preview_of(scope what, deadline until) {
  preview found;
  auto asked = what;
  found.l1 = co_await fleet_.count(std::move(asked), until);
  found.matched_l1 = *found.l1.front().entries;
  if (!shared_.settings()->enable_l2_cache) {
    found.expected_loads = found.matched_l1;
    co_return found;
  }
  const auto in_l2 = co_await count_l2(std::move(what), until);
  if (!in_l2) co_return found;
  found.matched_l2 = *in_l2;
  found.expected_loads = *in_l2;
  for (const auto& one : found.l1) {
    found.expected_loads = std::max(*found.expected_loads, one.entries.value_or(0));
  }
  co_return found;
}

asio::awaitable<result<std::size_t>> invalidator::count_l2(scope what, deadline until) {
  if (names_one_key(what)) {
    auto only = known_keys(what);
    const auto held = co_await lane_.l2->get(std::move(only.front()), until);
    // What cannot be read is there all the same.
    if (!held && held.error() != errc::corrupt_value) co_return held.error();
    const bool there = !held || *held != nullptr;
    co_return std::size_t{there};
  }
  std::vector<std::uint64_t> seen;  // by their hash: SCAN may give a key twice
  const std::string glob = what.kind() == scope_kind::pattern ? what.glob()
                           : what.text().empty()              ? "context:*"
                                                              : what.text() + "*";
  std::uint64_t cursor = 0;
  do {
    const auto page = co_await lane_.l2->scan(glob, cursor, until);
    if (!page) co_return page.error();
    for (const auto& one : page->keys) {
      if (what.covers(one)) seen.push_back(shared_.hashed(one).hash.whole);
    }
    cursor = page->cursor;
  } while (cursor != 0);
  std::ranges::sort(seen);
  seen.erase(std::ranges::unique(seen).begin(), seen.end());
  co_return seen.size();
}

}  // namespace ctxcache
