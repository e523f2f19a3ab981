// A stream of events on bad days: what cannot be read, and a Redis that goes away.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "redis/event_stream_fixture.hpp"
#include "redis/resp.hpp"

namespace ctxcache::redis {
namespace {

using std::string;
using std::chrono::hours;
using std::chrono::milliseconds;

using redis_event_stream_faults = event_stream_fixture;

TEST_F(redis_event_stream_faults, is_not_blocked_by_what_it_cannot_read) {
  add("a");
  tell({"XADD", "events", "*", "event", "{nonsense"});
  tell({"XADD", "events", "*", "\xFF", string{"\0\x01", 2}});
  tell({"XADD", "events", "*", "event", R"({"type":"t","customer_id":"b"})"});
  const auto found = next_and_confirm(open());
  ASSERT_EQ(found.changes.size(), 4u);
  EXPECT_EQ(found.changes[1].type, "");
  EXPECT_NE(found.changes[1].document.find("{nonsense"), string::npos);
  EXPECT_EQ(found.changes[2].type, "");
  EXPECT_EQ(found.changes[3].type, "t");
}

TEST_F(redis_event_stream_faults, says_of_what_was_trimmed_that_it_is_gone) {
  const auto id = add("a");
  auto& source = open("one", hours{1});
  ASSERT_EQ(next(source).changes.size(), 1u);
  ASSERT_EQ(server.command({"XDEL", "events", id}), "1");
  const auto again = next_and_confirm(source);
  ASSERT_EQ(again.changes.size(), 1u);
  EXPECT_EQ(again.changes[0].type, "");
  EXPECT_EQ(again.changes[0].id, id);
  EXPECT_TRUE(nothing_comes(source));
}

// It ends every session in which it is asked for.
TEST_F(redis_event_stream_faults, passes_over_an_entry_that_is_larger_than_an_answer_may_be) {
  add("a");
  const auto giant = server.command({"XADD", "events", "*", "type", "t", "x", string(reply_bytes_max, 'x')});
  add("b");
  auto& source = open();
  std::vector<change> found;
  while (found.size() < 3) {
    auto some = next_and_confirm(source);
    ASSERT_FALSE(some.changes.empty());
    std::ranges::move(some.changes, std::back_inserter(found));
  }
  ASSERT_EQ(found.size(), 3u);
  EXPECT_NE(found[0].document.find("\"a\""), string::npos);
  EXPECT_EQ(found[1].type, "");
  EXPECT_EQ(found[1].id, giant);
  EXPECT_NE(found[2].document.find("\"b\""), string::npos);
  EXPECT_TRUE(eventually([&] { return run(source.next(in(milliseconds{1}))).has_value(); }));
  EXPECT_EQ(pending().substr(0, 1), "0");
}

// All that it had is read again, in smaller pieces.
TEST_F(redis_event_stream_faults, reads_entries_that_are_too_large_together) {
  for (int i = 0; i < 40; ++i) {
    tell({"XADD", "events", "*", "type", "t", "x", string((std::size_t{1} << 20) - 100, 'x')});
  }
  auto& source = open();
  std::size_t found = 0;
  while (found < 40) {
    const auto some = next_and_confirm(source);
    ASSERT_FALSE(some.changes.empty());
    for (const auto& one : some.changes) EXPECT_EQ(one.type, "t");
    found += some.changes.size();
  }
  EXPECT_EQ(found, 40u);
}

TEST_F(redis_event_stream_faults, begins_again_when_all_keys_are_gone) {
  auto& source = open();
  add("a");
  next_and_confirm(source);
  const auto waiting = begin(source.next(in(hours{1})));
  ASSERT_TRUE(eventually([&] {
    return server.command({"CLIENT", "LIST"}).find("cmd=xreadgroup") != string::npos;
  }));
  ASSERT_EQ(server.command({"FLUSHALL"}), "OK");
  add("b");
  ASSERT_TRUE(eventually([&] { return waiting->has_value(); }));
  ASSERT_TRUE(**waiting) << (**waiting).error().message();
  EXPECT_EQ(customers(***waiting), texts{"b"});
  confirm(source, ***waiting);
  EXPECT_TRUE(nothing_comes(source));
}

TEST_F(redis_event_stream_faults, confirms_what_is_gone_meanwhile) {
  auto& source = open();
  add("a");
  const auto found = next(source);
  ASSERT_EQ(server.command({"FLUSHALL"}), "OK");
  confirm(source, found);
  EXPECT_TRUE(nothing_comes(source));
}

TEST_F(redis_event_stream_faults, goes_on_when_redis_is_back) {
  auto& source = open();
  add("a");
  next_and_confirm(source);
  server.kill();
  ASSERT_TRUE(eventually([&] { return run(source.next(in(milliseconds{1}))).has_error(); }));
  EXPECT_EQ(run(source.next(in(hours{1}))).error(), errc::l2_unavailable);
  EXPECT_EQ(run(source.confirm("1-0", soon())).error(), errc::l2_unavailable);
  server.start();
  add("b");
  EXPECT_EQ(customers(next(source)), texts{"b"});
}

struct durable_redis_event_stream_faults : redis_event_stream_faults {
  durable_redis_event_stream_faults()
      : redis_event_stream_faults({"--appendonly", "yes", "--appendfsync", "always"}) {}
};

TEST_F(durable_redis_event_stream_faults, loses_nothing_in_a_restart_of_redis) {
  auto& source = open();
  add("a");
  const auto before = next(source);
  add("b");
  server.kill();
  ASSERT_TRUE(eventually([&] { return run(source.next(in(milliseconds{1}))).has_error(); }));
  server.start();
  const auto again = next_and_confirm(source);
  EXPECT_EQ(again.upto, before.upto);
  EXPECT_EQ(customers(next_and_confirm(source)), texts{"b"});
  EXPECT_TRUE(nothing_comes(source));
}

TEST_F(redis_event_stream_faults, gives_up_a_server_that_hangs) {
  auto& source = open();
  add("a");
  EXPECT_TRUE(run(source.next(in(milliseconds{1}))));
  server.hang();
  EXPECT_EQ(run(source.confirm("1-0", in(budget))).error(), errc::l2_timeout);
  EXPECT_TRUE(run(source.next(in(budget))).has_error());
  server.resume();
  EXPECT_EQ(customers(next(source)), texts{"a"});
}

TEST_F(redis_event_stream_faults, what_redis_refuses_is_a_failure) {
  ASSERT_EQ(server.command({"SET", "events", "no stream"}), "OK");
  auto& source = open();
  EXPECT_EQ(run(source.next(in(hours{1}))).error(), errc::l2_failed);
  EXPECT_EQ(run(source.confirm("1-0", soon())).error(), errc::l2_failed);
  ASSERT_EQ(server.command({"DEL", "events"}), "1");
  add("a");
  EXPECT_EQ(customers(next(source)), texts{"a"});
}

TEST_F(redis_event_stream_faults, ends_what_waits_when_it_is_stopped) {
  auto& source = open();
  const auto waiting = begin(source.next(in(hours{1})));
  ASSERT_TRUE(eventually([&] {
    return server.command({"CLIENT", "LIST"}).find("cmd=xreadgroup") != string::npos;
  }));
  run(source.stop());
  ASSERT_TRUE(eventually([&] { return waiting->has_value(); }));
  EXPECT_EQ((**waiting).error(), errc::l2_unavailable);
}

}  // namespace
}  // namespace ctxcache::redis
