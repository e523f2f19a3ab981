#include "world/truth.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

#include "base/assert.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"

namespace ctxcache::sim {
namespace {

constexpr std::string_view before_customer = R"({"customer":")";
constexpr std::string_view before_agent_type = R"(","agent_type":")";
constexpr std::string_view before_version = R"(","version":)";

/// What stands between two marks.
std::string_view between(std::string_view body, std::string_view from, std::string_view to) {
  const auto begin = body.find(from);
  CTX_ASSERT(begin != std::string_view::npos);
  const auto rest = body.substr(begin + from.size());
  return rest.substr(0, rest.find(to));
}

}  // namespace

history::instant now_in_history() {
  const auto now = test::virtual_time::now_running().now().time_since_epoch();
  return std::chrono::floor<std::chrono::microseconds>(now).count();
}

std::string document(const key& of, std::uint64_t version) {
  return std::string{before_customer} + of.customer_id() + std::string{before_agent_type} + of.agent_type() +
         std::string{before_version} + std::to_string(version) + "}";
}

documented read_document(std::string_view body) {
  const auto version = between(body, before_version, "}");
  documented found{.customer = std::string{between(body, before_customer, "\"")},
                   .agent_type = std::string{between(body, before_agent_type, "\"")}};
  std::from_chars(version.data(), version.data() + version.size(), found.version);
  return found;
}

void truth::commit(const std::string& customer, std::uint64_t version) {
  commits_[customer].push_back({test::virtual_time::now_running().now(), version});
}

std::uint64_t truth::version(const std::string& customer, boot_clock::duration ago) const {
  const auto then = test::virtual_time::now_running().now() - ago;
  const auto& all = commits_.at(customer);
  const auto after = std::ranges::upper_bound(all, then, {}, &committed::at);
  return after == all.begin() ? after->version : std::prev(after)->version;
}

boot_clock::duration truth::lag(dice& chance) const {
  if (settle_ == settle_.zero()) return {};
  return chance.between(boot_clock::duration::zero(), boot_clock::duration{settle_} * 9 / 10);
}

// The question and the answer take their time, and the provider looks in between.
boost::asio::awaitable<result<provided_context>> source::load(key wanted, deadline until) {
  const auto invoked = now_in_history();
  const bool fails = chance_.percent(truth_.failing_percent);
  const auto there = chance_.skewed(std::chrono::microseconds{100}, truth_.slowest);
  const auto back = chance_.skewed(std::chrono::microseconds{100}, truth_.slowest);
  const auto lag = truth_.lag(chance_);
  const auto seen = std::make_shared<std::uint64_t>(0);
  test::virtual_time::now_running().after(there, [seen, lag, &all = truth_, customer = wanted.customer_id()] {
    *seen = all.version(customer, lag);
  });
  const auto patience = until.remaining(time_.now());
  timer answered{home_, std::min(there + back, patience)};
  co_await answered.async_wait(quietly);
  if (!dead_) log_.loads.push_back({wanted, process_, *seen, {invoked, now_in_history()}});
  if (there + back > patience) co_return errc::provider_timeout;
  if (fails) co_return errc::provider_unavailable;
  provided_context found{.body = document(wanted, *seen), .settle = truth_.settle()};
  co_return found;
}

}  // namespace ctxcache::sim
