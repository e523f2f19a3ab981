#include "figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>
#include <utility>

#include "answers.hpp"
#include "base/run_on.hpp"

namespace ctxcache::chaos {

namespace asio = boost::asio;

namespace {

const std::string api = "/api/v1/context/";
const key_name measured{"cust_measured", "support", ""};
constexpr std::size_t burst_wires = 10;
constexpr std::chrono::milliseconds burst_interval{10};  // on each wire: 1,000 a second over all
constexpr std::size_t burst_customers = 1'000;

std::string summary(std::vector<std::int64_t> all) {
  if (all.empty()) throw std::runtime_error{"nothing was measured"};
  std::ranges::sort(all);
  const auto at = [&](std::size_t percent) { return all[(all.size() - 1) * percent / 100]; };
  return fmt::format(R"({{"count": {}, "p50": {}, "p99": {}, "max": {}}})", all.size(), at(50), at(99),
                     all.back());
}

}  // namespace

asio::awaitable<std::string> figures::measure(std::string what, std::size_t count) {
  samples got;
  if (what == "plain" || what == "fence") {
    got = co_await durations(what == "fence", count);
  } else if (what == "ping") {
    got = co_await pings(count);
  } else if (what == "lag") {
    got = co_await lags(count);
  } else if (what == "burst") {
    got = co_await burst(count);
  } else {
    throw std::invalid_argument{"no such measurement"};
  }
  co_return summary(std::move(got));
}

asio::awaitable<void> figures::invalidate(std::string customer, bool fence, std::uint16_t port, wire& over) {
  const reach what{.what = reach::kind::customer, .name = {.customer = customer}};
  auto text = body_request("POST", api + "cache/invalidate", order_of(what, fence));
  const auto got = co_await over.exchange(port, std::move(text), 1);
  if (got.empty() || got[0].said.result_int() != 200) throw std::runtime_error{"an invalidation failed"};
}

asio::awaitable<figures::samples> figures::durations(bool fence, std::size_t count) {
  wire over{loop_.get_executor()};
  samples took;
  for (std::size_t i = 0; i <= count; ++i) {
    const auto begin = now_us();
    auto customer = measured.customer;
    co_await invalidate(std::move(customer), fence, shared_.slots[0].port, over);
    if (i > 0) took.push_back(now_us() - begin);  // the first one connects
  }
  co_return took;
}

asio::awaitable<figures::samples> figures::pings(std::size_t count) {
  asio::ip::tcp::socket redis{loop_};
  const asio::ip::tcp::endpoint there{asio::ip::address_v4::loopback(), shared_.slots[0].port};
  co_await redis.async_connect(there, asio::use_awaitable);
  const std::string_view question = "PING\r\n";
  std::array<char, 7> pong{};  // "+PONG\r\n"
  const auto asked = asio::buffer(question);
  const auto answered = asio::buffer(pong);
  samples took;
  while (took.size() < count) {
    const auto begin = now_us();
    co_await asio::async_write(redis, asked, asio::use_awaitable);
    co_await asio::async_read(redis, answered, asio::use_awaitable);
    took.push_back(now_us() - begin);
  }
  co_return took;
}

asio::awaitable<std::int64_t> figures::read_version(std::uint16_t port, wire& over) {
  auto text = get_request(api + path_of(measured), "");
  const auto got = co_await over.exchange(port, std::move(text), 1);
  if (got.empty()) throw std::runtime_error{"a read failed"};
  co_return read_document(got[0]).version;
}

asio::awaitable<std::int64_t> figures::tell(std::int64_t& said_at, wire& over) {
  ++shared_.versions[measured.customer];
  said_at = now_us();
  auto customer = measured.customer;
  co_await invalidate(std::move(customer), false, shared_.slots[0].port, over);
  co_return said_at;
}

asio::awaitable<std::int64_t> figures::lag_once(std::size_t index, std::int64_t old,
                                                const std::int64_t& said_at, wire& over) {
  const auto port = shared_.slots[index].port;
  for (;;) {
    const auto invoked = now_us();
    const auto version = co_await read_version(port, over);
    if (version != old) co_return invoked - said_at;
  }
}

asio::awaitable<figures::samples> figures::lags(std::size_t count) {
  const auto here = loop_.get_executor();
  std::array<wire, world::fleet_size> over{wire{here}, wire{here}, wire{here}};
  samples took;
  for (std::size_t i = 0; i < count; ++i) {
    const auto old = shared_.versions.try_emplace(measured.customer, 1).first->second;
    for (std::size_t at = 1; at < world::fleet_size; ++at) {
      const auto seen = co_await read_version(shared_.slots[at].port, over[at]);
      if (seen != old) throw std::runtime_error{"another version than the newest before the measurement"};
    }
    std::int64_t said_at = 0;
    std::vector<asio::awaitable<std::int64_t>> side_by_side;
    for (std::size_t at = 1; at < world::fleet_size; ++at) {
      side_by_side.push_back(lag_once(at, old, said_at, over[at]));
    }
    side_by_side.push_back(tell(said_at, over[0]));
    auto all = co_await gather(std::move(side_by_side));
    all.pop_back();
    took.insert(took.end(), all.begin(), all.end());
  }
  co_return took;
}

asio::awaitable<figures::samples> figures::burst(std::size_t count) {
  std::vector<asio::awaitable<samples>> parts;
  for (std::size_t i = 0; i < burst_wires; ++i) parts.push_back(burst_part(i, count / burst_wires));
  const auto all = co_await gather(std::move(parts));
  samples took;
  for (const auto& one : all) took.insert(took.end(), one.begin(), one.end());
  co_return took;
}

asio::awaitable<figures::samples> figures::burst_part(std::size_t index, std::size_t count) {
  const auto port = shared_.slots[index % world::fleet_size].port;
  wire over{loop_.get_executor()};
  asio::steady_timer turn{loop_, std::chrono::milliseconds{index}};
  samples took;
  while (took.size() < count) {
    co_await turn.async_wait(quietly);
    auto customer = fmt::format("burst_{}", shared_.below(burst_customers));
    const auto begin = now_us();
    co_await invalidate(std::move(customer), false, port, over);
    took.push_back(now_us() - begin);
    turn.expires_at(turn.expiry() + burst_interval);
  }
  co_return took;
}

}  // namespace ctxcache::chaos
