// Many keys in one read: L1 for each, one L2 round trip for those that L1 lacks, loads side by side for the
// rest.
#include <utility>

#include "base/run_on.hpp"
#include "core/orchestrator_impl.hpp"

namespace ctxcache {

namespace asio = boost::asio;

asio::awaitable<std::vector<result<lookup>>> orchestrator::get_many(std::vector<key> wanted,
                                                                    read_options options) {
  const asio::any_io_executor here = co_await asio::this_coro::executor;
  auto& nearest = impl_->lane_at(here);
  const auto watched = impl_->inspections->chooses();
  const auto inspected = watched ? wanted : std::vector<key>{};
  auto reading = impl_->read_many(nearest, std::move(wanted), options);
  auto answers = co_await run_on(nearest.executor, std::move(reading));
  for (const auto& one : answers) {
    if (one) impl_->credit(*one);
  }
  for (std::size_t i = 0; i < inspected.size(); ++i) {
    auto& home = impl_->home_of(impl_->shared.hashed(inspected[i]));
    if (answers[i]) impl_->inspections->inspect(home, inspected[i], *answers[i], *watched);
  }
  co_return answers;
}

asio::awaitable<std::vector<result<lookup>>> orchestrator::impl::read_many(lane_state& lane,
                                                                           std::vector<key> wanted,
                                                                           read_options options) {
  std::vector<result<lookup>> answers(wanted.size(), errc::not_cached);
  std::vector<std::size_t> missing;
  const auto now = shared.now();
  const bool cached = !options.no_cache && !options.no_store;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto where = shared.hashed(wanted[i]);
    if (!knows(wanted[i])) {
      answers[i] = errc::unknown_agent_type;
    } else if (auto found = cached ? shared.find(where, options, now) : std::nullopt) {
      shared.count(event::l1_hit);
      answers[i] = *std::move(found);
    } else if (cached && shared.known_unknown(where, options, now)) {
      shared.count(event::l1_hit);
      shared.count(event::unknown_hit);
      answers[i] = errc::customer_unknown;
    } else {
      shared.count(event::l1_miss);
      missing.push_back(i);
    }
  }
  if (cached) {
    std::vector<key> asked;
    for (const auto i : missing) asked.push_back(wanted[i]);
    auto found = co_await loads->read_l2_many(lane, std::move(asked), options);
    std::vector<std::size_t> still_missing;
    for (std::size_t n = 0; n < missing.size(); ++n) {
      if (found[n]) {
        answers[missing[n]] = *std::move(found[n]);
      } else {
        still_missing.push_back(missing[n]);
      }
    }
    missing = std::move(still_missing);
  }
  if (options.only_if_cached) co_return answers;
  std::vector<asio::awaitable<result<lookup>>> reads;
  for (const auto i : missing) {
    auto& home = home_of(shared.hashed(wanted[i]));
    reads.push_back(run_on(home.executor, loads->read(home, wanted[i], options, cached)));
  }
  auto loaded = co_await gather(std::move(reads));
  for (std::size_t n = 0; n < missing.size(); ++n) answers[missing[n]] = std::move(loaded[n]);
  co_return answers;
}

}  // namespace ctxcache
