#include "base/blocking_pool.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

#include "support/run_coroutine.hpp"

namespace ctxcache {
namespace asio = boost::asio;

struct threads_seen {
  std::thread::id worker;
  std::thread::id resumed;
};

static asio::awaitable<threads_seen> see_threads(blocking_pool& pool) {
  threads_seen seen;
  auto work = [] { return std::this_thread::get_id(); };
  seen.worker = co_await pool.run(std::move(work));
  seen.resumed = std::this_thread::get_id();
  co_return seen;
}

static asio::awaitable<int> read_through_a_move_only_value(blocking_pool& pool) {
  auto work = [number = std::make_unique<int>(7)] { return std::make_unique<int>(*number + 1); };
  const auto answer = co_await pool.run(std::move(work));
  co_return *answer;
}

static asio::awaitable<void> set(blocking_pool& pool, bool& done) {
  auto work = [&done] { done = true; };
  co_await pool.run(std::move(work));
}

TEST(blocking_pool, works_elsewhere_and_resumes_the_caller_on_its_own_loop) {
  asio::io_context loop;
  blocking_pool pool{1};
  const auto seen = test::run_coroutine(loop, see_threads(pool));
  EXPECT_NE(seen.worker, std::this_thread::get_id());
  EXPECT_EQ(seen.resumed, std::this_thread::get_id());
}

TEST(blocking_pool, carries_values_that_only_move) {
  asio::io_context loop;
  blocking_pool pool{1};
  EXPECT_EQ(test::run_coroutine(loop, read_through_a_move_only_value(pool)), 8);
}

TEST(blocking_pool, runs_work_without_a_value) {
  asio::io_context loop;
  blocking_pool pool{2};
  bool done = false;
  test::run_coroutine(loop, set(pool, done));
  EXPECT_TRUE(done);
}

TEST(blocking_pool, keeps_the_callers_loop_running_meanwhile) {
  asio::io_context loop;
  blocking_pool pool{1};
  bool done = false;
  asio::co_spawn(loop, set(pool, done), [](const std::exception_ptr&) {});
  loop.run();  // returns when there is no work left: after the resumption, not before
  EXPECT_TRUE(done);
}

}  // namespace ctxcache
