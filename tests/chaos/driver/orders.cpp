#include "orders.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <utility>

namespace ctxcache::chaos {

namespace asio = boost::asio;

namespace {

template <class T>
T next(std::istringstream& from) {
  T value{};
  if (!(from >> value)) throw std::invalid_argument{"an order that is not whole"};
  return value;
}

std::size_t next_slot(std::istringstream& from) {
  const auto index = next<std::size_t>(from);
  if (index >= world::fleet_size) throw std::invalid_argument{"no such slot"};
  return index;
}

std::string rest_of(std::istringstream& from) {
  std::string text;
  std::getline(from >> std::ws, text);
  return text;
}

}  // namespace

orders::orders(asio::io_context& loop, asio::io_context& proxies)
    : proxy_loop_(proxies),
      origin_(loop, shared_),
      load_(loop, shared_),
      figures_(loop, shared_),
      proxies_{proxy{proxies}, proxy{proxies}, proxy{proxies}} {}

std::string orders::hello() const {
  return fmt::format(R"({{"origin": {}, "proxies": [{}, {}, {}]}})", origin_.port(), proxies_[0].port(),
                     proxies_[1].port(), proxies_[2].port());
}

asio::awaitable<std::string> orders::carry_out(std::string line) {
  std::istringstream rest{line};
  const auto verb = next<std::string>(rest);
  if (verb == "stop") {
    co_await load_.stop();
    shared_.recorded.close();
    co_return "{}";
  }
  if (verb == "measure") {
    auto what = next<std::string>(rest);
    const auto count = next<std::size_t>(rest);
    co_return co_await figures_.measure(std::move(what), count);
  }
  co_return carry_out_now(verb, rest);
}

std::string orders::carry_out_now(std::string_view verb, std::istringstream& rest) {
  if (verb == "target" || verb == "manner" || verb == "cut") return on_proxy(verb, rest);
  if (verb == "stats") return stats();
  if (verb == "now") return fmt::format(R"({{"now": {}}})", now_us());
  if (verb == "daemon") {
    auto& at = shared_.slots[next_slot(rest)];
    at.port = next<std::uint16_t>(rest);
    at.process = next<std::string>(rest);
    at.up = true;
  } else if (verb == "down") {
    shared_.slots[next_slot(rest)].up = false;
  } else if (verb == "record") {
    const auto path = next<std::string>(rest);
    shared_.recorded.open(path);
    shared_.recorded.constants(rest_of(rest));
  } else if (verb == "start") {
    load_options how;
    how.customers = next<std::size_t>(rest);
    how.quiet = next<std::size_t>(rest);
    how.reads_per_second = next<std::uint64_t>(rest);
    how.writes = next<int>(rest) != 0;
    load_.start(how);
  } else if (verb == "fault") {
    const auto kind = next<std::string>(rest);
    const auto from = next<std::int64_t>(rest);
    shared_.recorded.fault(kind, {from, next<std::int64_t>(rest)});
  } else {
    throw std::invalid_argument{"no such order: " + std::string{verb}};
  }
  return "{}";
}

std::string orders::on_proxy(std::string_view verb, std::istringstream& rest) {
  auto& which = proxies_[next_slot(rest)];
  std::packaged_task<void()> change;
  if (verb == "cut") {
    change = std::packaged_task<void()>{[&which] { which.cut(); }};
  } else if (verb == "target") {
    const auto port = next<std::uint16_t>(rest);
    change = std::packaged_task<void()>{[&which, port] { which.lead_to(port); }};
  } else {
    const auto how = manner_named(next<std::string>(rest));
    int delay = 0;
    rest >> delay;
    change = std::packaged_task<void()>{
        [&which, how, delay] { which.behave(how, std::chrono::milliseconds{delay}); }};
  }
  auto done = change.get_future();
  asio::post(proxy_loop_, std::move(change));
  done.get();
  return "{}";
}

std::string orders::stats() {
  std::string slots;
  for (auto& one : shared_.slots) {
    slots += fmt::format(R"({}{{"good": {}, "refused": {}, "broken": {}, "hits": {}}})",
                         slots.empty() ? "" : ", ", one.good, one.refused, one.broken, one.hits);
    one.good = one.refused = one.broken = one.hits = 0;
  }
  std::string statuses;
  for (const auto& [status, count] : std::exchange(shared_.statuses, {})) {
    statuses += fmt::format(R"({}"{}": {})", statuses.empty() ? "" : ", ", status, count);
  }
  const auto done = std::exchange(shared_.done, {});
  return fmt::format(R"({{"slots": [{}], "statuses": {{{}}}, "plain": {}, "confirmed": {}, )"
                     R"("unconfirmed": {}, "queued": {}, "refused": {}, "broken": {}, "puts": {}}})",
                     slots, statuses, done.plain, done.confirmed, done.unconfirmed, done.queued, done.refused,
                     done.broken, done.puts);
}

}  // namespace ctxcache::chaos
