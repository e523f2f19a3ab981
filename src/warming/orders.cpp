// Orders: which are refused, how a job is made of one, and how it is found, watched and cancelled in the
// fleet.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_set>
#include <utility>

#include "base/random.hpp"
#include "base/try.hpp"
#include "warming/warmer_impl.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;

namespace {

constexpr std::size_t ids_max = 100'000;
constexpr std::size_t concurrency_max = 1'024;
constexpr std::chrono::hours hold_max{24};
// Of one process at a time: each has a budget of its own.
constexpr std::size_t jobs_max = 16;
constexpr std::chrono::milliseconds ask_again{50};

// Each once, where it stands first.
std::vector<std::string> each_once(std::vector<std::string> all) {
  std::unordered_set<std::string> seen;
  std::erase_if(all, [&](const std::string& one) { return !seen.insert(one).second; });
  return all;
}

}  // namespace

std::string warmer::impl::refusal(const warm_order& order) const {
  if (order.segments.empty() && order.customer_ids.empty()) return "it names no segment and no customer";
  for (const auto& one : order.segments) {
    if (with.segments.contains(one)) continue;
    std::vector<std::string> known;
    for (const auto& [name, list] : with.segments) known.push_back(name);
    if (known.empty()) return fmt::format("there is no segment \"{}\": none is configured", one);
    return fmt::format("there is no segment \"{}\", only {}", one, fmt::join(known, ", "));
  }
  for (const auto& one : order.agent_types) {
    if (!cache.knows_agent_type(one)) return fmt::format("there is no agent type \"{}\"", one);
  }
  if (order.customer_ids.size() > ids_max) {
    return fmt::format("it names {} customers, {} at most: make a segment of them", order.customer_ids.size(),
                       ids_max);
  }
  if (order.concurrency > concurrency_max) return fmt::format("its concurrency is over {}", concurrency_max);
  if (!std::isfinite(order.loads_per_second) || order.loads_per_second < 0) {
    return "its loads_per_second are not a rate";
  }
  if (order.hold.count() < 0 || order.hold > hold_max) return "its hold is not between 0 and 24h";
  return {};
}

job_state warmer::impl::state_for(warm_order order) const {
  order.segments = each_once(std::move(order.segments));
  order.agent_types =
      order.agent_types.empty() ? cache.settings().agent_types : each_once(std::move(order.agent_types));
  if (order.concurrency == 0) order.concurrency = std::max<std::size_t>(settings.concurrency, 1);
  if (order.loads_per_second == 0) order.loads_per_second = settings.loads_per_second;
  order.customer_ids.clear();
  const auto chance = random_u64();
  job_state state;
  state.by = board.process();
  state.report.id = fmt::format("{:016x}", random_u64());
  state.report.run = std::max<std::uint32_t>(static_cast<std::uint32_t>(chance), 1);
  state.report.concurrency = order.concurrency;
  state.report.started_at = with.time->wall();
  state.report.order = std::move(order);
  return state;
}

asio::awaitable<result<warmer::started>> warmer::impl::start(warm_order order, deadline until) {
  if (background.closed()) co_return errc::shutting_down;
  if (!refusal(order).empty()) co_return errc::invalid_request;
  if (jobs.size() >= jobs_max) co_return errc::overloaded;
  auto ids = each_once(std::exchange(order.customer_ids, {}));
  auto state = state_for(std::move(order));
  state.report.ids = ids.size();
  const auto id = state.report.id;
  jobs.emplace(id, nullptr);  // it is not abandoned, although nobody runs it yet
  auto outcome = co_await claim(std::move(state), std::move(ids), until);
  const auto entry = jobs.find(id);
  if (entry != jobs.end() && !entry->second) jobs.erase(entry);
  co_return outcome;
}

asio::awaitable<result<warmer::started>> warmer::impl::claim(job_state state, std::vector<std::string> ids,
                                                             deadline until) {
  const auto job = state.report;
  while (true) {
    CTX_CO_TRY(auto other, co_await board.warming(job.order.segments, until));
    if (other) {
      started theirs{.job = *std::move(other), .already_running = true};
      co_return theirs;
    }
    const auto now = with.time->now();
    const auto held = co_await board.hold(job);
    if (held && *held) {
      const auto announced = co_await board.announce(state, ids);
      if (announced) {
        launch(std::move(state), std::move(ids), now);
        started ours{.job = job};
        co_return ours;
      }
      co_await board.strike(job.id);
      co_await board.release(job);
      co_return announced.error();
    }
    co_await board.release(job);
    if (!held) co_return held.error();
    // Another has just got it, and will be among the open ones; or it has just ended.
    if (until.passed(with.time->now()) || background.closed()) co_return errc::deadline_exceeded;
    co_await wait(with.time->now() + ask_again);
  }
}

asio::awaitable<result<std::optional<job_report>>> warmer::impl::show(std::string id, deadline until) {
  const auto here = jobs.find(id);
  if (here != jobs.end() && here->second) co_return std::optional{here->second->report()};
  CTX_CO_TRY(auto state, co_await board.read(std::move(id), until));
  std::optional<job_report> found;
  if (state) found = std::move(state->report);
  co_return found;
}

asio::awaitable<result<std::optional<job_report>>> warmer::impl::cancel(std::string id, deadline until) {
  const auto here = jobs.find(id);
  if (here != jobs.end() && here->second) {
    const auto one = here->second;
    if (!one->report().ended_at) one->cancel();
    co_return std::optional{one->report()};
  }
  CTX_CO_TRY(auto found, co_await show(id, until));
  if (found && !found->ended_at) {
    const auto asked = co_await board.ask_to_cancel(std::move(id), until);
    if (!asked) co_return asked.error();
  }
  co_return found;
}

asio::awaitable<result<std::vector<run_report>>> warmer::impl::runs(std::size_t most, deadline until) {
  CTX_CO_TRY(const auto unfinished, co_await board.open(until));
  CTX_CO_TRY(auto all, co_await ended_runs.ended(most, until));
  for (const auto& id : unfinished) {
    const auto listed = [&id](const run_report& one) { return one.job.id == id; };
    if (std::ranges::any_of(all, listed)) continue;
    CTX_CO_TRY(auto job, co_await show(id, until));
    if (!job) continue;
    CTX_CO_TRY(const auto hits, co_await ended_runs.hits(job->run, until));
    all.push_back({.job = *std::move(job), .hit_later = hits});
  }
  std::ranges::sort(all, std::greater{}, [](const run_report& one) { return one.job.started_at; });
  if (all.size() > most) all.resize(most);
  // Entries that the first of two processes loaded behind the place where the second went on are marked too.
  for (auto& one : all) one.hit_later = std::min(one.hit_later, one.job.loaded);
  co_return all;
}

}  // namespace ctxcache::warming
