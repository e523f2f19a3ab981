#include "base/run_on.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/run_coroutine.hpp"

namespace ctxcache {
namespace {

namespace asio = boost::asio;

asio::awaitable<std::thread::id> where_am_i() {
  co_return std::this_thread::get_id();
}

asio::awaitable<std::thread::id> where_is(asio::any_io_executor there, std::thread::id& after) {
  auto asking = where_am_i();
  const auto found = co_await run_on(there, std::move(asking));
  after = std::this_thread::get_id();
  co_return found;
}

TEST(run_on, runs_there_and_resumes_here) {
  asio::io_context loop;
  asio::thread_pool pool{1};
  std::thread::id after;
  const auto there = test::run_coroutine(loop, where_is(pool.get_executor(), after));
  EXPECT_NE(there, std::this_thread::get_id());
  EXPECT_EQ(after, std::this_thread::get_id());
  pool.join();
}

TEST(run_on, the_same_executor_is_a_plain_call) {
  asio::io_context loop;
  std::thread::id after;
  EXPECT_EQ(test::run_coroutine(loop, where_is(loop.get_executor(), after)), std::this_thread::get_id());
}

asio::awaitable<std::string> say(std::string word, int turns) {
  asio::steady_timer pause{co_await asio::this_coro::executor, std::chrono::milliseconds{0}};
  for (int i = 0; i < turns; ++i) co_await pause.async_wait(quietly);
  if (word == "fail") throw std::runtime_error{word};
  co_return word;
}

TEST(gather, values_stand_in_the_order_of_the_works) {
  asio::io_context loop;
  std::vector<asio::awaitable<std::string>> works;
  works.push_back(say("late", 5));
  works.push_back(say("early", 0));
  EXPECT_EQ(test::run_coroutine(loop, gather(std::move(works))), (std::vector<std::string>{"late", "early"}));
}

TEST(gather, nothing_to_do_ends_at_once) {
  asio::io_context loop;
  EXPECT_TRUE(test::run_coroutine(loop, gather(std::vector<asio::awaitable<std::string>>{})).empty());
}

TEST(gather, an_exception_comes_out_when_all_have_ended) {
  asio::io_context loop;
  std::vector<asio::awaitable<std::string>> works;
  works.push_back(say("fail", 0));
  works.push_back(say("late", 5));
  EXPECT_THROW(test::run_coroutine(loop, gather(std::move(works))), std::runtime_error);
}

}  // namespace
}  // namespace ctxcache
