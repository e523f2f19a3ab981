#include "warming/job_board.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <exception>
#include <utility>

#include "base/try.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds call_budget{500};
constexpr std::chrono::hours state_life{24};
constexpr std::chrono::hours ids_life{24 * 7};
// Escaped as JSON even these of 128 bytes each fit into one fact.
constexpr std::size_t ids_at_a_time = 1'000;
constexpr std::size_t open_max = 1'000;
const std::string open_list = "warm/open";

std::string state_name(const std::string& id) {
  return "warm/" + id;
}
std::string cancel_name(const std::string& id) {
  return state_name(id) + "/cancel";
}
std::string ids_name(const std::string& id, std::size_t first) {
  return state_name(id) + "/ids/" + std::to_string(first / ids_at_a_time);
}

bool shares_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::any_of(a, [&](const auto& one) { return std::ranges::find(b, one) != b.end(); });
}

}  // namespace

deadline job_board::soon() const {
  return deadline::after(time_.now(), call_budget);
}

lease job_board::job_lease(const std::string& id) const {
  return {.name = "warm/job/" + id, .holder = process_ + "/" + id};
}

// The segments in one order for all: of two orders that share several, one gets them all.
std::vector<lease> job_board::leases(const job_report& job) const {
  std::vector<lease> wanted{job_lease(job.id)};
  auto segments = job.order.segments;
  std::ranges::sort(segments);
  for (const auto& one : segments) {
    wanted.push_back({.name = "warm/segment/" + one, .holder = wanted.front().holder});
  }
  return wanted;
}

asio::awaitable<result<bool>> job_board::hold(const job_report& job) {
  const auto wanted = leases(job);
  for (const auto& one : wanted) {
    auto held = co_await shared_->hold(one, term, soon());
    // Moved: of one that is not, a result<bool> is made that says whether that one has a value.
    if (!held || !*held) co_return std::move(held);
  }
  co_return true;
}

asio::awaitable<void> job_board::release(const job_report& job) {
  const auto held = leases(job);
  for (const auto& one : held) {
    // One that cannot be given back ends by itself.
    if (!co_await shared_->release(one, soon())) co_return;
  }
}

asio::awaitable<result<void>> job_board::announce(const job_state& state,
                                                  const std::vector<std::string>& ids) {
  const auto& id = state.report.id;
  for (std::size_t first = 0; first < ids.size(); first += ids_at_a_time) {
    const auto last = std::min(first + ids_at_a_time, ids.size());
    json::array some;
    for (auto i = first; i < last; ++i) some.emplace_back(ids[i]);
    shared_store::fact what{ids_name(id, first), json::serialize(some), ids_life};
    std::optional<lease> freely;
    const auto kept = co_await shared_->put(std::move(what), std::move(freely), soon());
    if (!kept) co_return kept.error();
  }
  CTX_CO_TRY(const auto written, co_await write(state));
  if (!written) co_return errc::deadline_exceeded;
  const auto struck = co_await shared_->take(open_list, id, soon());
  if (!struck) co_return struck.error();
  co_return co_await shared_->append(open_list, id, open_max, soon());
}

asio::awaitable<void> job_board::make_sure(const job_state& state, const std::vector<std::string>& ids) {
  const auto known = co_await open(soon());
  if (!known || std::ranges::find(*known, state.report.id) != known->end()) co_return;
  static_cast<void>(co_await announce(state, ids));  // the next check sees whether it worked
}

asio::awaitable<result<bool>> job_board::write(const job_state& state) {
  shared_store::fact what{state_name(state.report.id), to_text(state), state_life};
  std::optional<lease> under{job_lease(state.report.id)};
  co_return co_await shared_->put(std::move(what), std::move(under), soon());
}

asio::awaitable<void> job_board::close(const job_report& job) {
  co_await strike(job.id);
  for (std::size_t first = 0; first < job.ids; first += ids_at_a_time) {
    auto name = ids_name(job.id, first);
    const auto removed = co_await shared_->remove(std::move(name), soon());
    if (!removed) break;  // they do not live for ever
  }
}

asio::awaitable<void> job_board::strike(std::string id) {
  // Else it is struck when it is looked at next.
  static_cast<void>(co_await shared_->take(open_list, std::move(id), soon()));
}

asio::awaitable<result<std::optional<job_state>>> job_board::read(std::string id, deadline until) {
  auto name = state_name(id);
  CTX_CO_TRY(const auto text, co_await shared_->get(std::move(name), until));
  co_return text ? job_state_from(*text) : std::nullopt;
}

asio::awaitable<result<std::vector<std::string>>> job_board::ids(const job_report& job) {
  std::vector<std::string> all;
  for (std::size_t first = 0; first < job.ids; first += ids_at_a_time) {
    auto name = ids_name(job.id, first);
    CTX_CO_TRY(const auto text, co_await shared_->get(std::move(name), soon()));
    if (!text) co_return errc::not_cached;
    try {
      for (auto& one : json::value_to<std::vector<std::string>>(json::parse(*text))) {
        all.push_back(std::move(one));
      }
    } catch (const std::exception&) {
      co_return errc::corrupt_value;
    }
  }
  co_return all;
}

asio::awaitable<result<std::vector<std::string>>> job_board::open(deadline until) {
  co_return co_await shared_->list(open_list, open_max, until);
}

asio::awaitable<result<std::optional<job_report>>> job_board::warming(std::vector<std::string> segments,
                                                                      deadline until) {
  CTX_CO_TRY(const auto unfinished, co_await open(until));
  for (const auto& id : unfinished) {
    CTX_CO_TRY(auto state, co_await read(id, until));
    if (!state || state->report.ended_at) continue;
    if (shares_one(state->report.order.segments, segments)) {
      co_return std::optional{std::move(state->report)};
    }
  }
  co_return std::optional<job_report>{};
}

asio::awaitable<result<void>> job_board::ask_to_cancel(std::string id, deadline until) {
  shared_store::fact what{cancel_name(id), "1", state_life};
  std::optional<lease> freely;
  const auto kept = co_await shared_->put(std::move(what), std::move(freely), until);
  if (!kept) co_return kept.error();
  co_return result<void>{};
}

asio::awaitable<result<bool>> job_board::asked_to_cancel(std::string id) {
  auto name = cancel_name(id);
  const auto found = co_await shared_->get(std::move(name), soon());
  if (!found) co_return result<bool>{boost::system::in_place_error, found.error()};
  co_return found->has_value();
}

}  // namespace ctxcache::warming
