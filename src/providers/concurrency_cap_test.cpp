#include "providers/concurrency_cap.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <vector>

#include "support/run_coroutine.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct concurrency_cap_fixture : testing::Test {
  asio::io_context loop;
  asio::steady_timer held{loop, asio::steady_timer::time_point::max()};
  concurrency_cap cap{{.running = 2, .waiting = 2}};
  std::vector<std::pair<int, error_code>> entered;

  asio::awaitable<void> run(int number, time_point until) {
    const auto slot = co_await cap.enter(until);
    entered.emplace_back(number, slot ? error_code{} : slot.error());
    if (slot) co_await held.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  void start(int number, time_point until = boot_clock::now() + 1h) {
    asio::co_spawn(loop, run(number, until), [](const std::exception_ptr&) {});
    loop.restart();
    loop.poll();
  }
  void release() {
    held.cancel();
    loop.restart();
    loop.poll();
  }
  using list = std::vector<std::pair<int, error_code>>;
};
using concurrency_limit = concurrency_cap_fixture;

}  // namespace

TEST_F(concurrency_limit, lets_in_as_many_as_it_may_and_the_rest_in_order) {
  for (int i = 1; i <= 4; ++i) start(i);
  EXPECT_EQ(entered, (list{{1, {}}, {2, {}}}));
  EXPECT_EQ(cap.waiting(), 2u);
  release();
  EXPECT_EQ(entered, (list{{1, {}}, {2, {}}, {3, {}}, {4, {}}}));
  release();
  EXPECT_EQ(cap.running(), 0u);
}

TEST_F(concurrency_limit, is_overloaded_when_the_line_is_full) {
  for (int i = 1; i <= 5; ++i) start(i);
  EXPECT_EQ(entered.back(), (std::pair{5, error_code{errc::overloaded}}));
  release();
  release();
}

TEST_F(concurrency_limit, leaves_the_line_when_its_time_is_up) {
  start(1);
  start(2);
  start(3, boot_clock::now());
  while (entered.size() < 3) loop.run_one();
  EXPECT_EQ(entered.back(), (std::pair{3, error_code{errc::provider_timeout}}));
  EXPECT_EQ(cap.waiting(), 0u);
  release();
  EXPECT_EQ(cap.running(), 0u);
}

TEST_F(concurrency_limit, sends_the_line_away_when_closed_and_drains_the_running) {
  for (int i = 1; i <= 3; ++i) start(i);
  cap.close();
  start(4);
  EXPECT_EQ(entered, (list{{1, {}}, {2, {}}, {3, errc::shutting_down}, {4, errc::shutting_down}}));
  held.cancel();
  test::run_coroutine(loop, cap.drain());
  EXPECT_EQ(cap.running(), 0u);
}

}  // namespace ctxcache::providers
