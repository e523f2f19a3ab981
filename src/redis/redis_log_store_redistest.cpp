// The log in a real Redis, on good days and bad ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "redis/log_fixture.hpp"
#include "redis/log_messages.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {
namespace {

using std::chrono::milliseconds;

struct redis_log_store_test : log_fixture {
  test::redis_server server;
  log_store& store = open(server.url());

  /// Whether the next message is the first of another epoch.
  bool begins_anew(position before) {
    const auto after = published_again(store);
    return after.epoch != 0 && after.epoch != before.epoch && after.sequence == 1;
  }
};

TEST_F(redis_log_store_test, begins_another_epoch_after_a_restart) {
  const auto before = *publish(store);
  server.kill();
  server.start();
  EXPECT_TRUE(begins_anew(before));
}

struct durable_redis_log_store_test : log_fixture {
  test::redis_server server{{"--appendonly", "yes"}};
};

// What was written in the last second may be gone: nobody can tell.
TEST_F(durable_redis_log_store_test, begins_another_epoch_after_a_restart_with_its_data) {
  auto& store = open(server.url());
  const auto before = *publish(store);
  server.kill();
  server.start();
  ASSERT_TRUE(eventually([&] { return server.command({"EXISTS", "{ctxcache}:log"}) == "1"; }));
  const auto after = published_again(store);
  EXPECT_NE(after.epoch, before.epoch);
  EXPECT_EQ(after.sequence, 1u);
  EXPECT_EQ(run(store.read(0, 10, soon()))->size(), 1u);
}

TEST_F(redis_log_store_test, begins_another_epoch_when_its_keys_are_gone) {
  for (const std::vector<std::string>& loss : {std::vector<std::string>{"FLUSHALL"},
                                               {"DEL", "{ctxcache}:log"},
                                               {"DEL", "{ctxcache}:meta"},
                                               {"HDEL", "{ctxcache}:meta", "n"}}) {
    const auto before = *publish(store);
    ASSERT_TRUE(beat(store));
    tell(server, loss);
    EXPECT_TRUE(begins_anew(before)) << loss.front() << ' ' << loss.back();
    EXPECT_TRUE(run(store.registered(soon()))->all.empty()) << loss.back();
  }
}

TEST_F(redis_log_store_test, a_heartbeat_finds_out_too) {
  const auto before = *publish(store);
  tell(server, {"FLUSHALL"});
  const auto after = beat(store)->last;
  EXPECT_NE(after.epoch, before.epoch);
  EXPECT_EQ(after.sequence, 0u);
  EXPECT_EQ(beat(store)->last, after);  // without a message there is no stream yet, and nothing is lost
}

TEST_F(redis_log_store_test, keeps_its_epoch_when_all_messages_are_trimmed) {
  const auto before = *publish(store);
  ASSERT_EQ(server.command({"XTRIM", "{ctxcache}:log", "MAXLEN", "0"}), "1");
  EXPECT_EQ(*run(store.first_retained(soon())), 0u);
  EXPECT_EQ(*publish(store), (position{before.epoch, 2}));
}

TEST_F(redis_log_store_test, numbers_concurrent_messages_without_a_gap) {
  auto& second = open(server.url());
  // An attempt to connect would time out while the loop waits for so many calls to begin.
  for (auto* const one : {&store, &second}) ASSERT_TRUE(run(one->first_retained(soon())));
  std::vector<std::shared_ptr<std::optional<result<position>>>> answers;
  for (int i = 0; i < 100; ++i) {
    for (auto* const one : {&store, &second}) answers.push_back(begin(one->publish({}, soon())));
  }
  ASSERT_TRUE(
      eventually([&] { return std::ranges::all_of(answers, [](auto& one) { return one->has_value(); }); }));
  std::vector<std::uint64_t> numbers;
  for (const auto& one : answers) {
    ASSERT_TRUE(**one) << (**one).error().message();
    EXPECT_EQ((***one).epoch, (***answers[0]).epoch);
    numbers.push_back((***one).sequence);
  }
  std::ranges::sort(numbers);
  std::vector<std::uint64_t> expected(200);
  std::iota(expected.begin(), expected.end(), 1u);
  EXPECT_EQ(numbers, expected);
}

TEST_F(redis_log_store_test, reads_more_than_one_page) {
  ASSERT_TRUE(publish(store));
  std::vector<std::shared_ptr<std::optional<result<position>>>> answers;
  for (int i = 1; i < 2'100; ++i) answers.push_back(begin(store.publish({}, soon())));
  ASSERT_TRUE(eventually([&] { return answers.back()->has_value(); }));
  ASSERT_TRUE(**answers.back()) << (**answers.back()).error().message();
  const auto all = run(store.read(0, 10'000, soon()));
  ASSERT_TRUE(all) << all.error().message();
  ASSERT_EQ(all->size(), 2'100u);
  for (std::size_t i = 0; i < all->size(); ++i) ASSERT_EQ((*all)[i].at.sequence, i + 1);
  const auto most = run(store.read(0, 1'500, soon()));
  ASSERT_EQ(most->size(), 1'500u);
  EXPECT_EQ(most->back().at.sequence, 1'500u);
}

TEST_F(redis_log_store_test, works_in_a_full_redis) {
  const auto before = *publish(store);
  ASSERT_EQ(server.command({"CONFIG", "SET", "maxmemory", "1mb", "maxmemory-policy", "noeviction"}), "OK");
  ASSERT_TRUE(server.command({"SET", "k", "v"}).starts_with("-OOM"));
  EXPECT_EQ(*publish(store), (position{before.epoch, 2}));
  EXPECT_TRUE(beat(store));
  EXPECT_TRUE(*run(store.remove("m", 1, soon())));
}

TEST_F(redis_log_store_test, loads_its_scripts_again_when_redis_forgot_them) {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_EQ(server.command({"SCRIPT", "FLUSH"}), "OK");
    EXPECT_EQ(publish(store)->sequence, i);
    ASSERT_EQ(server.command({"SCRIPT", "FLUSH"}), "OK");
    EXPECT_TRUE(beat(store));
    ASSERT_EQ(server.command({"SCRIPT", "FLUSH"}), "OK");
    EXPECT_TRUE(*run(store.remove("m", 1, soon())));
  }
}

TEST_F(redis_log_store_test, an_unreadable_message_invalidates_all) {
  const auto first = *publish(store, {.what = *scope::matching("context:*")});
  const auto epoch = server.command({"HGET", "{ctxcache}:meta", "e"});
  tell(server, {"XADD", "{ctxcache}:log", "2-0", "e", epoch, "v", "2", "new", "things"});
  tell(server, {"XADD", "{ctxcache}:log", "3-0", "x", "y"});
  const auto found = run(store.read(0, 10, soon()));
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0].said.what.kind(), scope_kind::pattern);
  EXPECT_EQ((*found)[1].said.what.kind(), scope_kind::all);
  EXPECT_EQ((*found)[1].at, (position{first.epoch, 2}));
  EXPECT_EQ((*found)[2].said.what.kind(), scope_kind::all);
  EXPECT_EQ((*found)[2].at, (position{0, 3}));
}

TEST_F(redis_log_store_test, cuts_a_reason_that_is_too_long) {
  ASSERT_TRUE(publish(store, {.reason = std::string(reason_bytes_max - 1, 'x') + "\u00e9"}));
  EXPECT_EQ(run(store.read(0, 1, soon()))->front().said.reason, std::string(reason_bytes_max - 1, 'x'));
}

TEST_F(redis_log_store_test, keeps_logs_of_different_prefixes_apart) {
  auto& second = open(server.url(), {.prefix = "{second}"});
  const auto there = *publish(second);
  const auto here = *publish(store);
  EXPECT_NE(here.epoch, there.epoch);
  EXPECT_EQ(here.sequence, 1u);
  EXPECT_EQ(server.command({"EXISTS", "{second}:log", "{second}:meta"}), "2");
}

TEST_F(redis_log_store_test, what_redis_refuses_is_a_failure) {
  tell(server, {"SET", "{ctxcache}:meta", "a string"});
  EXPECT_EQ(publish(store).error(), errc::l2_failed);
  EXPECT_EQ(beat(store).error(), errc::l2_failed);
  EXPECT_EQ(run(store.registered(soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(store.remove("m", {}, soon())).error(), errc::l2_failed);
  tell(server, {"SET", "{ctxcache}:log", "a string"});
  EXPECT_EQ(run(store.read(0, 1, soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(store.tail(0, milliseconds{1})).error(), errc::l2_failed);
  EXPECT_EQ(run(store.first_retained(soon())).error(), errc::l2_failed);
  tell(server, {"FLUSHALL"});
  EXPECT_TRUE(publish(store));
}

TEST_F(redis_log_store_test, ends_at_its_deadline_when_redis_hangs) {
  ASSERT_TRUE(publish(store));
  ASSERT_TRUE(run(store.tail(0, milliseconds{1})));
  server.hang();
  EXPECT_EQ(run(store.publish({}, in(budget))).error(), errc::l2_timeout);
  EXPECT_EQ(run(store.tail(1, milliseconds{1})).error(), errc::l2_timeout);
  server.resume();
  EXPECT_NE(published_again(store), position{});
  EXPECT_TRUE(eventually([&] { return run(store.tail(0, milliseconds{1})).has_value(); }));
}

TEST_F(redis_log_store_test, knows_its_server) {
  ASSERT_EQ(server.command({"CONFIG", "SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru"}), "OK");
  const auto facts = run(store.inspect(soon()));
  ASSERT_TRUE(facts) << facts.error().message();
  const auto version = "redis_version:" + facts->version + "\r\n";
  EXPECT_NE(server.command({"INFO", "server"}).find(version), std::string::npos) << facts->version;
  EXPECT_EQ(facts->maxmemory, 100u << 20);
  EXPECT_EQ(facts->eviction_policy, "allkeys-lru");
}

TEST_F(redis_log_store_test, connects_a_second_time_only_for_the_tail) {
  ASSERT_TRUE(publish(store));
  EXPECT_EQ(server.command({"CLIENT", "LIST"}).find("name=ctxcache-log-tail "), std::string::npos);
  ASSERT_TRUE(run(store.tail(0, milliseconds{1})));
  const auto clients = server.command({"CLIENT", "LIST"});
  EXPECT_NE(clients.find("name=ctxcache-log "), std::string::npos);
  EXPECT_NE(clients.find("name=ctxcache-log-tail "), std::string::npos);
}

TEST(log_store_options_that, cannot_work_are_refused) {
  boost::asio::io_context loop;
  const auto refused = [&](const log_store_options& options) {
    const auto made = make_redis_log_store(loop.get_executor(), options);
    return made.has_error() && made.error() == errc::invalid_config;
  };
  EXPECT_TRUE(refused({.url = "rediss://h"}));
  EXPECT_TRUE(refused({.prefix = ""}));
  EXPECT_TRUE(refused({.prefix = "context:log"}));
  EXPECT_TRUE(refused({.log_max_messages = 0}));
  EXPECT_TRUE(refused({.connect_timeout = milliseconds{0}}));
  EXPECT_TRUE(refused({.poll = milliseconds{-1}}));
}

}  // namespace
}  // namespace ctxcache::redis
