#include "base/gate.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <stdexcept>

#include "support/run_coroutine.hpp"

namespace ctxcache {
namespace asio = boost::asio;

static asio::awaitable<void> sleep_then_set(std::chrono::milliseconds time, bool& done) {
  asio::steady_timer pause{co_await asio::this_coro::executor, time};
  co_await pause.async_wait(asio::use_awaitable);
  done = true;
}

static asio::awaitable<void> fail() {
  throw std::runtime_error{"planned"};
  co_return;
}

TEST(gate, drain_waits_for_the_running) {
  asio::io_context loop;
  gate background;
  bool done = false;
  EXPECT_TRUE(
      background.spawn(loop.get_executor(), "sleeper", sleep_then_set(std::chrono::milliseconds{20}, done)));
  EXPECT_EQ(background.running(), 1u);
  test::run_coroutine(loop, background.drain());
  EXPECT_TRUE(done);
  EXPECT_EQ(background.running(), 0u);
}

TEST(gate, starts_nothing_once_closed) {
  asio::io_context loop;
  gate background;
  background.close();
  bool done = false;
  EXPECT_FALSE(
      background.spawn(loop.get_executor(), "late", sleep_then_set(std::chrono::milliseconds{0}, done)));
  loop.run();
  EXPECT_FALSE(done);
}

TEST(gate, survives_an_exception_of_what_it_runs) {
  asio::io_context loop;
  gate background;
  EXPECT_TRUE(background.spawn(loop.get_executor(), "failing", fail()));
  test::run_coroutine(loop, background.drain());
  EXPECT_EQ(background.running(), 0u);
}

}  // namespace ctxcache
