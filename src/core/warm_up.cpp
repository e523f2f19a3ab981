// Loads for whoever will ask. None of it counts as a request.
#include <utility>

#include "base/run_on.hpp"
#include "core/orchestrator_impl.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

// Readers' loads that L2 answers may be under way whenever one looks; three in a row are enough.
constexpr int rounds_max = 3;

}  // namespace

asio::awaitable<result<void>> loader::warm(lane_state& lane, key wanted, warm_options options) {
  plan how{.ask_l2 = false, .ahead = true, .credit = options.credit};
  for (int round = 0; round < rounds_max; ++round) {
    const auto [on, leads] = lane.flights.join(wanted);
    how.on = on;
    if (leads && !background_.spawn(lane.executor, "load", fly(lane, wanted, how))) {
      lane.flights.land(wanted, {.answer = errc::shutting_down});
    }
    const bool landed = co_await landed_by(on, options.until);
    if (!landed) co_return errc::deadline_exceeded;
    const auto& answer = on->outcome().answer;
    if (!answer) co_return answer.error();
    if (answer->value->unknown) co_return errc::customer_unknown;
    if (answer->from != origin::provider) continue;
    if (!answer->stored) break;
    const result<void> done;
    co_return done;
  }
  co_return errc::not_cached;
}

asio::awaitable<std::vector<entry_ptr>> loader::look(lane_state& lane, std::vector<key> wanted,
                                                     deadline until) {
  std::vector<entry_ptr> found(wanted.size());
  if (!may_use_l2(false) || wanted.empty()) co_return found;
  const auto got =
      co_await lane.l2->get_many(wanted, until.within(shared_.now(), shared_.settings()->l2_budget));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    found[i] = from_l2(wanted[i], got[i], {}, std::nullopt);
  }
  co_return found;
}

asio::awaitable<std::vector<bool>> orchestrator::cold(std::vector<key> wanted,
                                                      std::chrono::milliseconds expires_within,
                                                      deadline until) {
  std::vector<bool> out(wanted.size(), true);
  const auto& shared = impl_->shared;
  if (!shared.settings()->enable_l2_cache) {
    const auto now = shared.now();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto where = shared.hashed(wanted[i]);
      const auto held = shared.l1().peek(where, now);
      out[i] = !held.value || held.fresh_until - now <= expires_within ||
               !shared.table().serves(where, *held.value, now);
    }
    co_return out;
  }
  const asio::any_io_executor here = co_await asio::this_coro::executor;
  auto& nearest = impl_->lane_at(here);
  auto looking = impl_->loads->look(nearest, std::move(wanted), until);
  const auto found = co_await run_on(nearest.executor, std::move(looking));
  const auto now = shared.now();
  for (std::size_t i = 0; i < found.size(); ++i) {
    out[i] = !found[i] || found[i]->expires_at - now <= expires_within;
  }
  co_return out;
}

asio::awaitable<result<void>> orchestrator::warm(key wanted, warm_options options) {
  if (!impl_->knows(wanted)) co_return errc::unknown_agent_type;
  auto& home = impl_->home_of(impl_->shared.hashed(wanted));
  auto loading = impl_->loads->warm(home, std::move(wanted), options);
  co_return co_await run_on(home.executor, std::move(loading));
}

asio::awaitable<std::size_t> orchestrator::fetch(std::vector<key> wanted, deadline until) {
  const asio::any_io_executor here = co_await asio::this_coro::executor;
  auto& nearest = impl_->lane_at(here);
  auto looking = impl_->loads->look(nearest, wanted, until);
  const auto found = co_await run_on(nearest.executor, std::move(looking));
  auto& shared = impl_->shared;
  const auto now = shared.now();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] && shared.keep_spare(shared.hashed(wanted[i]), found[i], now)) ++kept;
  }
  co_return kept;
}

std::vector<key> orchestrator::hottest(std::size_t most) const {
  std::vector<key> out;
  for (const auto& text : impl_->shared.l1().latest(most)) {
    if (auto one = key::parse(text)) out.push_back(*std::move(one));
  }
  return out;
}

std::vector<warm_mark> orchestrator::take_credits() {
  return impl_->credited.take();
}

}  // namespace ctxcache
