#include "support/virtual_time.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <vector>

namespace ctxcache::test {
namespace {

using namespace std::chrono_literals;

struct virtual_time_test : testing::Test {
  virtual_time_test() { time.begin(1); }
  /// What the wait ended with; nothing yet when it goes on.
  std::optional<boost::system::error_code> wait(virtual_timer& on) {
    std::optional<boost::system::error_code> ended;
    on.async_wait([&](boost::system::error_code how) { ended = how; });
    loop.restart();
    loop.poll();
    while (!ended && time.step(time.now() + 1s)) loop.poll();
    return ended;
  }

  virtual_time& time = virtual_time::now_running();
  boost::asio::io_context loop{1};
};

TEST_F(virtual_time_test, calls_by_time_and_then_in_the_order_of_asking) {
  std::vector<int> called;
  for (const int n : {1, 2}) time.after(2ms, [&, n] { called.push_back(n); });
  time.after(1ms, [&] { called.push_back(0); });
  const auto gone = time.after(1ms, [&] { called.push_back(3); });
  time.forget(gone);
  const auto begin = time.now();
  while (time.step(begin + 5ms)) {
  }
  EXPECT_EQ(called, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(time.now(), begin + 5ms);
}

TEST_F(virtual_time_test, a_timer_ends_when_its_time_has_come) {
  const auto begin = time.now();
  virtual_timer timer{loop.get_executor(), 7ms};
  EXPECT_EQ(wait(timer), boost::system::error_code{});
  EXPECT_EQ(time.now(), begin + 7ms);
  EXPECT_EQ(wait(timer), boost::system::error_code{}) << "it is over";
  EXPECT_EQ(time.now(), begin + 7ms);
}

TEST_F(virtual_time_test, a_wait_ends_early_when_it_is_cancelled_or_put_off) {
  virtual_timer timer{loop.get_executor(), 7ms};
  time.after(1ms, [&] { timer.cancel(); });
  EXPECT_EQ(wait(timer), boost::asio::error::operation_aborted);
  timer.expires_after(7ms);
  time.after(1ms, [&] { timer.expires_after(9ms); });
  EXPECT_EQ(wait(timer), boost::asio::error::operation_aborted);
}

TEST_F(virtual_time_test, a_seed_gives_the_same_bits_again) {
  const auto first = time.random_u64();
  EXPECT_NE(time.random_u64(), first);
  time.begin(1);
  EXPECT_EQ(time.random_u64(), first);
  time.begin(2);
  EXPECT_NE(time.random_u64(), first);
}

}  // namespace
}  // namespace ctxcache::test
