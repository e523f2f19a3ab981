#include "http/lane.hpp"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "base/log.hpp"
#include "base/run_on.hpp"
#include "http/header_values.hpp"
#include "http/outbox.hpp"
#include "http/problem.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
using asio::ip::tcp;

lane::lane(service& on, std::size_t index, const tcp::endpoint& where)
    : on_(on),
      index_(index),
      executor_(on.parts.lanes[index]),
      acceptor_(executor_),
      pause_(executor_),
      accept_pause_(executor_),
      lag_pause_(executor_),
      date_(*on.parts.time) {
  using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  acceptor_.open(where.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address{true});
  acceptor_.set_option(reuse_port{true});
  acceptor_.bind(where);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
}

void lane::start() {
  loops_gate_.spawn(executor_, "accept loop", accept());
  loops_gate_.spawn(executor_, "sweep", sweep());
  loops_gate_.spawn(executor_, "lag", feel_lag());
}

asio::awaitable<void> lane::accept() {
  constexpr std::chrono::milliseconds breath{50};
  while (!stopped_) {
    auto [error, socket] = co_await acceptor_.async_accept(quietly);
    if (stopped_) co_return;
    if (!error) {
      take(std::move(socket));
      continue;
    }
    // Out of descriptors or memory, most likely: what is open goes on, and so do we, in a moment.
    log::out().warn("cannot accept a connection: {}", error.message());
    accept_pause_.expires_after(breath);
    co_await accept_pause_.async_wait(quietly);
  }
}

void lane::take(tcp::socket socket) {
  boost::system::error_code error;
  socket.non_blocking(true, error);
  if (!error) socket.set_option(tcp::no_delay{true}, error);
  if (error) return;  // the caller has gone already
  if (on_.connections.load() >= on_.options.max_connections) {
    on_.connections_refused.fetch_add(1);
    return refuse(std::move(socket));
  }
  on_.connections.fetch_add(1);
  on_.connections_accepted.fetch_add(1, std::memory_order_relaxed);
  if (!sessions_gate_.spawn(executor_, "session", serve(std::move(socket)))) on_.connections.fetch_sub(1);
}

// One try to say why: a caller that does not take it is not waited for.
void lane::refuse(tcp::socket socket) {
  const problem why{503, "overloaded", "there are too many connections", {}, 1};
  const auto id = make_request_id();
  outbox out;
  out.push(to_answer(why, id), {.date = date_.at(on_.parts.time->now()), .request_id = id, .close = true});
  boost::system::error_code ignored;
  socket.write_some(out.buffers(), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> lane::serve(tcp::socket socket) {
  session one{on_, date_, std::move(socket)};
  sessions_.push_back(one);
  struct leaving {
    lane& from;
    session& who;
    ~leaving() {
      from.sessions_.erase(from.sessions_.iterator_to(who));
      from.on_.connections.fetch_sub(1);
    }
  };
  const leaving at_end{*this, one};
  co_await one.run();
}

asio::awaitable<void> lane::sweep() {
  while (!stopped_ || sessions_gate_.running() != 0) {
    pause_.expires_after(on_.options.sweep_interval);
    co_await pause_.async_wait(quietly);
    const auto now = on_.parts.time->now();
    on_.beats[index_].store(now.time_since_epoch().count(), std::memory_order_relaxed);
    for (auto& one : sessions_) one.close_if_late(now);
  }
}

// A request that has arrived waits as long as a timer that has rung: for what the loop is at, and for a
// processor.
asio::awaitable<void> lane::feel_lag() {
  constexpr std::chrono::milliseconds between{20};
  while (!stopped_) {
    lag_pause_.expires_after(between);
    const auto [cancelled] = co_await lag_pause_.async_wait(quietly);
    if (!cancelled) on_.loop_lag.record(asio::steady_timer::clock_type::now() - lag_pause_.expiry());
  }
}

void lane::stop_accepting() {
  asio::post(executor_, [this] {
    stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    accept_pause_.cancel();
    lag_pause_.cancel();
    for (auto& one : sessions_) one.close_if_idle();
  });
}

void lane::close_all() {
  asio::post(executor_, [this] {
    for (auto& one : sessions_) one.close();
  });
}

asio::awaitable<void> lane::drain() {
  co_await sessions_gate_.drain();
  asio::post(executor_, [this] { pause_.cancel(); });
  co_await loops_gate_.drain();
}

}  // namespace ctxcache::http
