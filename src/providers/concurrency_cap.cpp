#include "providers/concurrency_cap.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace ctxcache::providers {

namespace asio = boost::asio;

// Stands in line as long as it lives and was not admitted.
struct concurrency_cap::waiter {
  waiter(concurrency_cap& of, const asio::any_io_executor& where, boot_clock::duration patience)
      : cap(of), turn(where, patience) {
    cap.line_.push_back(this);
  }
  ~waiter() { cap.line_.remove(this); }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  concurrency_cap& cap;
  asio::steady_timer turn;  // cancelled when its turn comes
  bool admitted = false;
};

asio::awaitable<result<concurrency_cap::slot>> concurrency_cap::enter(time_point until) {
  if (closed_) co_return errc::shutting_down;
  if (running_ < limits_.running) {
    ++running_;
    co_return slot{*this};
  }
  if (line_.size() >= limits_.waiting) co_return errc::overloaded;

  const auto where = co_await asio::this_coro::executor;
  waiter me{*this, where, until - boot_clock::now()};
  co_await me.turn.async_wait(asio::as_tuple(asio::use_awaitable));
  if (me.admitted) co_return slot{*this};
  co_return closed_ ? errc::shutting_down : errc::provider_timeout;
}

void concurrency_cap::leave() {
  if (closed_ || line_.empty()) {
    --running_;
    return;
  }
  // The slot passes on without ever being free, so nobody can come between.
  auto* const next = line_.front();
  line_.pop_front();
  next->admitted = true;
  next->turn.cancel();
}

void concurrency_cap::close() {
  closed_ = true;
  for (auto* const each : line_) each->turn.cancel();
}

asio::awaitable<void> concurrency_cap::drain() {
  close();
  asio::steady_timer pause{co_await asio::this_coro::executor};
  // Only at shutdown: a poll is simpler than a list of those who wait.
  while (running_ != 0) {
    pause.expires_after(std::chrono::milliseconds{1});
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace ctxcache::providers
