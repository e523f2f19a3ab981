// One key: L1, then what the loader finds in L2 or loads.
#include <chrono>
#include <utility>

#include "base/run_on.hpp"
#include "base/timer.hpp"
#include "core/orchestrator_impl.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

constexpr int position_looks = 20;  // a millisecond apart

}  // namespace

std::optional<lookup> orchestrator::find(const key_view& wanted, const read_options& options,
                                         time_point now) noexcept {
  const auto where = impl_->shared.hashed(wanted);
  const auto watched = impl_->inspections->chooses();
  auto found = impl_->shared.find(where, options, now);
  if (!found) return found;
  impl_->shared.count(event::l1_hit);
  impl_->credited.note(*found->value);
  if (watched) impl_->inspections->inspect(impl_->home_of(where), wanted, *found, *watched);
  return found;
}

asio::awaitable<result<lookup>> orchestrator::get(key wanted, read_options options, bool l1_missed) {
  const auto watched = impl_->inspections->chooses();
  auto got = co_await impl_->read(wanted, options, l1_missed);
  if (got) impl_->credit(*got);
  if (!watched) co_return got;
  auto& home = impl_->home_of(impl_->shared.hashed(wanted));
  if (got) impl_->inspections->inspect(home, wanted, *got, *watched);
  co_return got;
}

asio::awaitable<result<lookup>> orchestrator::impl::read(key wanted, read_options options, bool l1_missed) {
  if (!knows(wanted)) co_return errc::unknown_agent_type;
  const auto where = shared.hashed(wanted);
  options = co_await placed(options);
  const auto now = shared.now();
  if (!options.no_cache && !options.no_store) {
    auto found = l1_missed ? std::nullopt : shared.find(where, options, now);
    const bool unknown = !found && shared.known_unknown(where, options, now);
    if (found || unknown) shared.count(event::l1_hit);
    if (found) co_return *std::move(found);
    if (unknown) {
      shared.count(event::unknown_hit);
      co_return errc::customer_unknown;
    }
  }
  shared.count(event::l1_miss);
  auto& home = home_of(where);
  if (options.only_if_cached) {
    auto looking = loads->read_l2(home, std::move(wanted), options);
    auto found = co_await run_on(home.executor, std::move(looking));
    if (!found) co_return errc::not_cached;
    co_return *std::move(found);
  }
  auto reading = loads->read(home, std::move(wanted), options, false);
  co_return co_await run_on(home.executor, std::move(reading));
}

// Rule 14: a message that the caller knows of is on its way here; it takes a millisecond or two. Else the
// providers are asked, who know of whatever the caller knows of.
asio::awaitable<read_options> orchestrator::impl::placed(read_options options) {
  if (shared.reached(options.min_position)) co_return options;
  timer pause{co_await asio::this_coro::executor};
  for (int look = 0; look < position_looks && !shared.reached(options.min_position); ++look) {
    pause.expires_after(std::chrono::milliseconds{1});
    co_await pause.async_wait(quietly);
  }
  if (!shared.reached(options.min_position)) options.no_cache = true;
  co_return options;
}

}  // namespace ctxcache
