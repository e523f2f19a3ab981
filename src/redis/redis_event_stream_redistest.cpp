// A stream of events in a real Redis.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <string>

#include "redis/event_stream_fixture.hpp"

namespace ctxcache::redis {
namespace {

using std::string;
using std::chrono::hours;
using std::chrono::milliseconds;

using redis_event_stream_test = event_stream_fixture;

TEST_F(redis_event_stream_test, gives_what_is_added_in_its_order) {
  auto& source = open();
  EXPECT_TRUE(nothing_comes(source));
  for (const auto* const one : {"a", "b", "c"}) add(one);
  const auto found = next_and_confirm(source);
  EXPECT_EQ(customers(found), (texts{"a", "b", "c"}));
  EXPECT_EQ(found.changes[0].type, "plan.changed");
  EXPECT_EQ(found.changes[0].source, "redis:events");
  EXPECT_TRUE(nothing_comes(source));
  EXPECT_EQ(pending().substr(0, 1), "0");
}

TEST_F(redis_event_stream_test, makes_its_group_from_the_streams_beginning) {
  add("before");
  EXPECT_EQ(customers(next(open())), texts{"before"});
}

TEST_F(redis_event_stream_test, uses_a_group_as_it_was_made) {
  add("before");
  ASSERT_EQ(server.command({"XGROUP", "CREATE", "events", "ctxcache", "$"}), "OK");
  auto& source = open();
  EXPECT_TRUE(nothing_comes(source));
  add("after");
  EXPECT_EQ(customers(next(source)), texts{"after"});
}

TEST_F(redis_event_stream_test, waits_for_an_event) {
  auto& source = open();
  const auto waiting = begin(source.next(in(hours{1})));
  ASSERT_TRUE(eventually([&] {
    return server.command({"CLIENT", "LIST"}).find("cmd=xreadgroup") != string::npos;
  }));
  ASSERT_FALSE(waiting->has_value());
  add("a");
  ASSERT_TRUE(eventually([&] { return waiting->has_value(); }));
  ASSERT_TRUE(**waiting) << (**waiting).error().message();
  EXPECT_EQ(customers(***waiting), texts{"a"});
}

TEST_F(redis_event_stream_test, gives_again_what_is_not_confirmed) {
  auto& source = open();
  add("a");
  const auto first = next(source);
  add("b");
  const auto again = next(source);
  EXPECT_EQ(again.upto, first.upto);
  EXPECT_EQ(customers(again), texts{"a"});
  confirm(source, again);
  EXPECT_EQ(customers(next(source)), texts{"b"});
}

TEST_F(redis_event_stream_test, gives_it_again_after_a_restart_of_the_process) {
  add("a");
  add("b");
  const auto before = next(open("one", hours{1}));
  auto& restarted = open("one", hours{1});
  const auto after = next(restarted);
  EXPECT_EQ(after.upto, before.upto);
  confirm(restarted, after);
  EXPECT_TRUE(nothing_comes(restarted));
}

TEST_F(redis_event_stream_test, shares_a_stream_between_consumers) {
  auto& one = open("one", hours{1});
  auto& two = open("two", hours{1});
  add("a");
  const auto of_one = next(one);
  EXPECT_TRUE(nothing_comes(two)) << "another works on it";
  add("b");
  EXPECT_EQ(customers(next_and_confirm(two)), texts{"b"});
  EXPECT_EQ(customers(of_one), texts{"a"});
}

TEST_F(redis_event_stream_test, takes_over_what_another_has_left_behind) {
  auto& gone = open("one", hours{1});
  for (int i = 0; i < 250; ++i) add(std::to_string(i));  // more than are taken over at once
  ASSERT_EQ(next(gone).changes.size(), 250u);
  auto& heir = open("two", milliseconds{20});
  std::size_t taken = 0;
  while (taken < 250) {
    const auto some = next_and_confirm(heir);
    ASSERT_FALSE(some.changes.empty());
    EXPECT_EQ(customers(some).front(), std::to_string(taken));
    taken += some.changes.size();
  }
  EXPECT_EQ(taken, 250u);
  EXPECT_EQ(pending().substr(0, 1), "0");
}

TEST_F(redis_event_stream_test, gives_at_most_1000_at_once) {
  string many = "for i = 1, 2500 do redis.call('XADD', 'events', '*', 'type', 't', 'customer_id', i) end";
  tell({"EVAL", many, "0"});
  auto& source = open();
  texts found;
  while (found.size() < 2'500) {
    const auto some = next_and_confirm(source);
    ASSERT_FALSE(some.changes.empty());
    EXPECT_LE(some.changes.size(), 1'000u);
    std::ranges::copy(customers(some), std::back_inserter(found));
  }
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], std::to_string(i + 1));
  EXPECT_TRUE(nothing_comes(source));
}

TEST_F(redis_event_stream_test, confirms_nothing_by_an_empty_batch) {
  auto& source = open();
  add("a");
  ASSERT_EQ(next(source).changes.size(), 1u);
  EXPECT_TRUE(run(source.confirm("", soon())));
  EXPECT_EQ(pending().substr(0, 1), "1");
}

TEST(change_stream_options_that, cannot_work_are_refused) {
  boost::asio::io_context loop;
  const auto refused = [&](const change_stream_options& options) {
    const auto made = make_redis_change_stream(loop.get_executor(), options);
    return made.has_error() && made.error() == errc::invalid_config;
  };
  EXPECT_TRUE(refused({.url = "rediss://h", .stream = "s", .consumer = "c"}));
  EXPECT_TRUE(refused({.stream = "", .consumer = "c"}));
  EXPECT_TRUE(refused({.stream = "s", .group = "", .consumer = "c"}));
  EXPECT_TRUE(refused({.stream = "s", .consumer = ""}));
  EXPECT_TRUE(refused({.stream = "s", .consumer = "c", .take_over_after = milliseconds{0}}));
  EXPECT_TRUE(refused({.stream = "s", .consumer = "c", .connect_timeout = milliseconds{0}}));
}

TEST(change_stream, has_a_name_without_secrets) {
  boost::asio::io_context loop;
  const auto source = *make_redis_change_stream(
      loop.get_executor(), {.url = "redis://user:word@127.0.0.1:1", .stream = "events", .consumer = "c"});
  EXPECT_EQ(source->name(), "redis stream events at redis://127.0.0.1:1/0");
  test::run_coroutine(loop, source->stop());
}

}  // namespace
}  // namespace ctxcache::redis
