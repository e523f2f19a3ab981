#include "http/server.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/assert.hpp"
#include "base/run_on.hpp"
#include "http/lane.hpp"
#include "http/service.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Sharing the port among lanes would also share it with another daemon, unnoticed: so first without sharing.
void expect_free(const asio::any_io_executor& executor, const tcp::endpoint& where) {
  tcp::acceptor probe{executor};
  probe.open(where.protocol());
  probe.set_option(tcp::acceptor::reuse_address{true});
  probe.bind(where);
}

}  // namespace

server::server(server_options options, orchestrator& cache, server_parts parts)
    : service_(std::make_unique<service>(std::move(options), cache, std::move(parts))) {
  const auto& lanes = service_->parts.lanes;
  CTX_ASSERT(!lanes.empty());
  tcp::endpoint where{asio::ip::make_address(service_->options.address), service_->options.port};
  if (where.port() != 0) expect_free(lanes.front(), where);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    lanes_.push_back(std::make_unique<lane>(*service_, i, where));
    port_ = lanes_.back()->port();
    where.port(static_cast<std::uint16_t>(port_));
  }
}

server::~server() = default;

duration_counts server::reads() const {
  return service_->metrics.durations(endpoint::context_get);
}

duration_counts server::loop_lag() const {
  return service_->loop_lag.read();
}

void server::start() {
  for (auto& one : lanes_) one->start();
}

asio::awaitable<void> server::drain() {
  constexpr std::chrono::milliseconds look_interval{5};
  service_->draining.store(true);
  for (auto& one : lanes_) one->stop_accepting();

  const auto until = deadline::after(service_->parts.time->now(), service_->options.drain_timeout);
  asio::steady_timer pause{co_await asio::this_coro::executor};
  const auto busy = [](const auto& one) { return one->connections() != 0; };
  while (std::ranges::any_of(lanes_, busy) && !until.passed(service_->parts.time->now())) {
    pause.expires_after(look_interval);
    co_await pause.async_wait(quietly);
  }
  // A session that waits for a handler notices the closed socket when it writes.
  for (auto& one : lanes_) one->close_all();
  for (auto& one : lanes_) co_await one->drain();
}

}  // namespace ctxcache::http
