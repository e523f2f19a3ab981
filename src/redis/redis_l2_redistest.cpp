// redis_l2 against a real, healthy server: how it gets in, and what it makes of what it finds there.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {
namespace {

using state = l2_cache::health::state;
using std::chrono::milliseconds;

struct redis_l2_test : redis_fixture {
  static const test::redis_server& server() {
    static const test::redis_server shared;
    return shared;
  }
  void SetUp() override {
    ASSERT_EQ(server().command({"FLUSHALL"}), "OK");
    connect(server().url());
  }
};

struct redis_login_test : redis_fixture {
  // The server has a default user with a password, and alice.
  static const test::redis_server& server() {
    static const test::redis_server shared{
        {"--requirepass", "p@ss:/%", "--user", "alice", "on", ">word", "~context:*", "+@all"}};
    return shared;
  }
  static std::string url(const std::string& login) {
    return "redis://" + login + "127.0.0.1:" + std::to_string(server().port());
  }
};

TEST_F(redis_login_test, logs_in_with_a_password) {
  connect(url(":p%40ss%3A%2F%25@"));
  EXPECT_TRUE(put("c", "{}"));
}

TEST_F(redis_login_test, logs_in_with_user_and_password) {
  connect(url("alice:word@"));
  EXPECT_TRUE(put("c", "{}"));
}

TEST_F(redis_login_test, stays_out_and_says_why_with_a_wrong_password) {
  connect(url("alice:canary@"));
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  EXPECT_EQ(cache_->report().now, state::down);
  EXPECT_NE(cache_->report().detail.find("WRONGPASS"), std::string::npos) << cache_->report().detail;
  EXPECT_EQ(cache_->report().detail.find("canary"), std::string::npos);
  EXPECT_EQ(cache_->report().detail.find("alice"), std::string::npos);
}

TEST_F(redis_login_test, stays_out_and_says_why_without_a_password) {
  connect(url(""));
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  EXPECT_NE(cache_->report().detail.find("NOAUTH"), std::string::npos) << cache_->report().detail;
}

TEST_F(redis_login_test, a_missing_permission_is_a_failure_and_not_an_outage) {
  const test::redis_server strict{{"--user", "bob", "on", ">word", "~context:*", "+get", "+pttl"}};
  connect("redis://bob:word@127.0.0.1:" + std::to_string(strict.port()));
  EXPECT_EQ(*get("c"), nullptr);  // and CLIENT SETNAME was not needed
  EXPECT_EQ(put("c", "{}").error(), errc::l2_failed);
  EXPECT_EQ(cache_->report().now, state::up);
}

TEST_F(redis_l2_test, uses_the_database_of_the_url) {
  disconnect();
  connect(server().url() + "/3");
  ASSERT_TRUE(*put("c", "{}"));
  EXPECT_EQ(server().command({"DBSIZE"}), "0");
  EXPECT_NE(server().command({"INFO", "keyspace"}).find("db3:keys=1"), std::string::npos);
}

TEST_F(redis_l2_test, a_database_that_is_not_there_is_an_outage_with_a_reason) {
  disconnect();
  connect(server().url() + "/99");
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  EXPECT_NE(cache_->report().detail.find("out of range"), std::string::npos) << cache_->report().detail;
}

TEST_F(redis_l2_test, stores_under_the_keys_own_text_for_the_rest_of_its_life) {
  ASSERT_TRUE(*put("cust_1", "{}"));
  EXPECT_EQ(server().command({"EXISTS", "context:cust_1:support"}), "1");
  const auto left = std::stol(server().command({"PTTL", "context:cust_1:support"}));
  EXPECT_GT(left, 60'000);
  EXPECT_LE(left, 100'000);
}

TEST_F(redis_l2_test, is_seen_under_its_name) {
  ASSERT_TRUE(get("c"));
  EXPECT_NE(server().command({"CLIENT", "LIST"}).find("name=ctxcache "), std::string::npos);
}

TEST_F(redis_l2_test, pipelines_concurrent_gets_over_one_connection) {
  ASSERT_TRUE(get("c"));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(*put("c" + std::to_string(i), std::to_string(i)));
  const auto connections = [] {
    const auto info = server().command({"INFO", "stats"});
    return std::stoi(info.substr(info.find("total_connections_received:") + 27));
  };
  const auto before = connections();
  using answer = std::shared_ptr<std::optional<result<l2_cache::hit>>>;
  std::vector<answer> answers;
  for (int i = 0; i < 50; ++i) answers.push_back(begin(cache_->get(key_of("c" + std::to_string(i)), soon())));
  ASSERT_TRUE(
      eventually([&] { return std::ranges::all_of(answers, [](auto& one) { return one->has_value(); }); }));
  for (int i = 0; i < 50; ++i) {
    const auto& found = **answers[static_cast<std::size_t>(i)];
    ASSERT_TRUE(found && *found) << i;
    EXPECT_EQ((*found)->body, std::to_string(i));
  }
  EXPECT_EQ(connections(), before + 1);  // this question's own
}

TEST_F(redis_l2_test, loads_its_scripts_again_when_redis_forgot_them) {
  ASSERT_TRUE(*put("c", "[1]", {1, 1}));
  ASSERT_EQ(server().command({"SCRIPT", "FLUSH"}), "OK");
  EXPECT_TRUE(*put("c", "[2]", {1, 2}));
  EXPECT_EQ((*get("c"))->body, "[2]");
  ASSERT_EQ(server().command({"SCRIPT", "FLUSH"}), "OK");
  EXPECT_EQ(*run(cache_->unlink({key_of("c")}, {1, 3}, soon())), 1u);
}

TEST_F(redis_l2_test, what_somebody_else_stored_is_corrupt_and_overwritten) {
  ASSERT_EQ(server().command({"SET", "context:text:support", "hello", "PX", "100000"}), "OK");
  ASSERT_EQ(server().command({"SET", "context:forever:support", "hello"}), "OK");
  ASSERT_EQ(server().command({"LPUSH", "context:list:support", "hello"}), "1");
  for (const auto* const customer : {"text", "forever", "list"}) {
    EXPECT_EQ(get(customer).error(), errc::corrupt_value) << customer;
    EXPECT_TRUE(*put(customer, "{}")) << customer;
    EXPECT_EQ((*get(customer))->body, "{}") << customer;
  }
}

TEST_F(redis_l2_test, unlinks_what_is_none_of_ours) {
  ASSERT_EQ(server().command({"LPUSH", "context:list:support", "hello"}), "1");
  EXPECT_EQ(*run(cache_->unlink({key_of("list")}, {1, 1}, soon())), 1u);
}

TEST_F(redis_l2_test, a_value_copied_to_another_key_is_never_served) {
  ASSERT_TRUE(*put("a", "{}"));
  ASSERT_EQ(server().command({"COPY", "context:a:support", "context:b:support"}), "1");
  EXPECT_EQ(get("b").error(), errc::corrupt_value);
  const auto both = run(cache_->get_many({key_of("b"), key_of("a")}, soon()));
  EXPECT_EQ(both[0].error(), errc::corrupt_value);
  EXPECT_TRUE(both[1] && *both[1]);
}

TEST_F(redis_l2_test, scan_skips_what_is_not_a_key) {
  ASSERT_TRUE(*put("a", "{}"));
  for (const auto* const other : {"context:", "context:a", "context:a:b:c:d", "context:%zz:support"}) {
    ASSERT_EQ(server().command({"SET", other, "x"}), "OK");
  }
  const auto page = run(cache_->scan("context:*", 0, soon()));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->keys.size(), 1u);
  EXPECT_EQ(page->keys[0].text(), "context:a:support");
}

TEST_F(redis_l2_test, too_much_at_once_is_refused_and_harms_nothing) {
  const std::vector<key> wanted(3'000, key_of("c"));  // two commands each, over the limit of 4,096 in flight
  for (int i = 0; i < 10; ++i) {
    const auto answers = run(cache_->get_many(wanted, soon()));
    ASSERT_EQ(answers.size(), wanted.size());
    EXPECT_EQ(answers[2'999].error(), errc::l2_unavailable);
  }
  EXPECT_TRUE(get("c"));
}

TEST(redis_options, that_cannot_work_are_refused) {
  boost::asio::io_context loop;
  EXPECT_EQ(make_redis_l2(loop.get_executor(), {.url = "rediss://h"}).error(), errc::invalid_config);
  EXPECT_EQ(make_redis_l2(loop.get_executor(), {.connect_timeout = milliseconds{0}}).error(),
            errc::invalid_config);
  EXPECT_EQ(make_redis_l2(loop.get_executor(),
                          {.reconnect_min = milliseconds{10}, .reconnect_max = milliseconds{9}})
                .error(),
            errc::invalid_config);
}

}  // namespace
}  // namespace ctxcache::redis
