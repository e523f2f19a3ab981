// The shared facts in a real Redis, on good days and bad ones.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/backends.hpp"
#include "redis/redis_fixture.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {
namespace {

using std::chrono::milliseconds;

struct redis_shared_store_test : redis_fixture {
  static constexpr milliseconds hour = std::chrono::hours{1};
  test::redis_server server;
  std::vector<std::unique_ptr<shared_store>> stores;
  shared_store& store = open();

  ~redis_shared_store_test() override {
    for (const auto& one : stores) test::run_coroutine(loop_, one->stop());
  }
  shared_store& open(shared_store_options options = {}) {
    options.url = server.url();
    options.reconnect_min = milliseconds{5};
    options.reconnect_max = milliseconds{20};
    stores.push_back(*make_redis_shared_store(loop_.get_executor(), options));
    return *stores.back();
  }
  result<bool> hold(shared_store& where, const std::string& holder) {
    return run(where.hold({"job", holder}, hour, soon()));
  }
  result<bool> put(const std::string& value, std::optional<lease> under = {}) {
    return run(store.put({"fact", value, hour}, std::move(under), soon()));
  }
  result<std::optional<std::string>> get() { return run(store.get("fact", soon())); }
  long lives(const std::string& name) { return std::stol(server.command({"PTTL", name})); }
};

TEST_F(redis_shared_store_test, stands_under_its_prefix_with_a_life) {
  auto& second = open({.prefix = "{second}"});
  for (auto* const one : {&store, &second}) {
    const auto place = one == &store ? std::string{"{ctxcache}"} : std::string{"{second}"};
    ASSERT_TRUE(*hold(*one, "a"));
    ASSERT_TRUE(*run(one->put({"f", "v", hour}, {}, soon())));
    ASSERT_TRUE(run(one->append("l", "v", 3, soon())));
    ASSERT_TRUE(run(one->mark("s", {9}, hour, soon())));
    EXPECT_EQ(server.command({"GET", place + ":lease:job"}), "a");
    EXPECT_EQ(server.command({"GET", place + ":fact:f"}), "v");
    EXPECT_EQ(server.command({"LRANGE", place + ":list:l", "0", "-1"}), "v");
    EXPECT_EQ(server.command({"GETBIT", place + ":marks:s", "9"}), "1");
    for (const auto* const name : {":lease:job", ":fact:f", ":marks:s"}) {
      EXPECT_GT(lives(place + name), 0) << name;
      EXPECT_LE(lives(place + name), hour.count()) << name;
    }
    EXPECT_GT(lives(place + ":list:l"), milliseconds{std::chrono::hours{24 * 29}}.count());
  }
}

TEST_F(redis_shared_store_test, is_shared) {
  auto& other = open();
  EXPECT_TRUE(*hold(store, "a"));
  EXPECT_FALSE(*hold(other, "b"));
  ASSERT_TRUE(*put("value", lease{"job", "a"}));
  EXPECT_EQ(*run(other.get("fact", soon())), "value");
}

TEST_F(redis_shared_store_test, loads_its_scripts_again_when_redis_forgot_them) {
  for (int i = 0; i < 2; ++i) {
    const auto forget = [&] { ASSERT_EQ(server.command({"SCRIPT", "FLUSH"}), "OK"); };
    forget();
    EXPECT_TRUE(*hold(store, "a"));
    forget();
    EXPECT_TRUE(*put("value", lease{"job", "a"}));
    forget();
    EXPECT_TRUE(run(store.append("l", "v", 1, soon())));
    forget();
    EXPECT_EQ(run(store.list("l", 1, soon()))->size(), 1u);
    forget();
    EXPECT_TRUE(*run(store.replace("l", "v", "w", soon())));
    forget();
    EXPECT_TRUE(run(store.mark("s", {1}, hour, soon())));
    forget();
    EXPECT_TRUE(run(store.release({"job", "a"}, soon())));
  }
}

TEST_F(redis_shared_store_test, fails_at_once_while_redis_is_away_and_works_when_it_is_back) {
  ASSERT_TRUE(*hold(store, "a"));
  ASSERT_TRUE(*put("value"));
  server.kill();
  ASSERT_TRUE(eventually([&] { return get().has_error(); }));
  EXPECT_EQ(get().error(), errc::l2_unavailable);
  EXPECT_EQ(hold(store, "a").error(), errc::l2_unavailable);
  EXPECT_EQ(run(store.list("l", 1, soon())).error(), errc::l2_unavailable);
  server.start();
  ASSERT_TRUE(eventually([&] { return get().has_value(); }));
  EXPECT_EQ(*get(), std::nullopt);
  EXPECT_FALSE(*put("stale", lease{"job", "a"})) << "the lease was lost with the server";
  EXPECT_TRUE(*hold(store, "b"));
}

TEST_F(redis_shared_store_test, need_not_be_there_at_the_start) {
  server.kill();
  auto& early = open();
  EXPECT_EQ(run(early.get("fact", soon())).error(), errc::l2_unavailable);
  server.start();
  EXPECT_TRUE(eventually([&] { return run(early.get("fact", soon())).has_value(); }));
}

TEST_F(redis_shared_store_test, ends_at_its_deadline_when_redis_hangs) {
  ASSERT_TRUE(*put("value"));
  server.hang();
  EXPECT_EQ(run(store.get("fact", in(budget))).error(), errc::l2_timeout);
  server.resume();
  ASSERT_TRUE(eventually([&] { return get().has_value(); }));
  EXPECT_EQ(*get(), "value");
}

// The lease of who carries changes into the fleet's log, which goes on then too.
TEST_F(redis_shared_store_test, holds_leases_in_a_full_redis_but_keeps_nothing_more) {
  ASSERT_TRUE(*hold(store, "a"));
  ASSERT_EQ(server.command({"CONFIG", "SET", "maxmemory", "1mb", "maxmemory-policy", "noeviction"}), "OK");
  EXPECT_TRUE(*hold(store, "a"));
  EXPECT_EQ(put("value").error(), errc::l2_failed);
  EXPECT_EQ(run(store.append("l", "v", 1, soon())).error(), errc::l2_failed);
  EXPECT_TRUE(run(store.release({"job", "a"}, soon())));
  EXPECT_TRUE(*hold(store, "b"));
}

TEST_F(redis_shared_store_test, what_redis_refuses_is_a_failure) {
  for (const auto* const kind : {"lease:job", "fact:fact", "marks:s"}) {
    ASSERT_EQ(server.command({"RPUSH", std::string{"{ctxcache}:"} + kind, "v"}), "1");
  }
  ASSERT_EQ(server.command({"SET", "{ctxcache}:list:l", "v"}), "OK");
  EXPECT_EQ(hold(store, "a").error(), errc::l2_failed);
  EXPECT_EQ(run(store.release({"job", "a"}, soon())).error(), errc::l2_failed);
  EXPECT_EQ(get().error(), errc::l2_failed);
  EXPECT_EQ(put("value", lease{"job", "a"}).error(), errc::l2_failed);
  EXPECT_EQ(run(store.append("l", "v", 1, soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(store.list("l", 1, soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(store.take("l", "v", soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(store.replace("l", "v", "w", soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(store.mark("s", {1}, hour, soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(store.marked("s", soon())).error(), errc::l2_failed);
  EXPECT_TRUE(run(store.remove("fact", soon())));
  EXPECT_TRUE(*put("value"));
}

TEST_F(redis_shared_store_test, fails_once_it_is_stopped) {
  ASSERT_TRUE(*put("value"));
  run(store.stop());
  EXPECT_EQ(get().error(), errc::l2_unavailable);
}

TEST(shared_store_options_that, cannot_work_are_refused) {
  boost::asio::io_context loop;
  const auto refused = [&](const shared_store_options& options) {
    const auto made = make_redis_shared_store(loop.get_executor(), options);
    return made.has_error() && made.error() == errc::invalid_config;
  };
  EXPECT_TRUE(refused({.url = "rediss://h"}));
  EXPECT_TRUE(refused({.prefix = ""}));
  EXPECT_TRUE(refused({.prefix = "context:shared"}));
  EXPECT_TRUE(refused({.connect_timeout = milliseconds{0}}));
}

}  // namespace
}  // namespace ctxcache::redis
