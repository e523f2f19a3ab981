// The daemon's user as deploy/redis.acl defines it: all that a daemon does, and nothing else.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "ctxcache/backends.hpp"
#include "redis/redis_fixture.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {
namespace {

struct redis_acl_test : redis_fixture {
  test::redis_server server{{"--aclfile", CTX_REDIS_ACL}};

  void SetUp() override { ASSERT_EQ(server.command({"ACL", "SETUSER", "ctxcache", "on", ">word"}), "OK"); }
  [[nodiscard]] std::string url() const {
    return "redis://ctxcache:word@127.0.0.1:" + std::to_string(server.port()) + "/1";
  }
  std::unique_ptr<log_store> open_log(log_store_options options = {}) {
    options.url = url();
    return *make_redis_log_store(loop_.get_executor(), options);
  }
  change_source& event_stream() {
    streams.push_back(*make_redis_change_stream(loop_.get_executor(),
                                                {.url = url(), .stream = "events", .consumer = "one"}));
    return *streams.back();
  }
  ~redis_acl_test() override {
    for (const auto& one : streams) run(one->stop());
  }
  std::vector<std::unique_ptr<change_source>> streams;
};

TEST_F(redis_acl_test, lets_the_shared_tier_do_its_work) {
  connect(url());
  const auto stored = put("c", "{}", {1, 2});
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_FALSE(*put("c", "{}", {1, 1}));  // it may look at what is there
  const auto found = get("c");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_NE(*found, nullptr);
  const auto page = run(cache_->scan("context:*", 0, soon()));
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(page->keys.size(), 1u);
  const auto unlinked = run(cache_->unlink({key_of("c")}, {2, 1}, soon()));
  ASSERT_TRUE(unlinked) << unlinked.error().message();
  EXPECT_EQ(*unlinked, 1u);
  EXPECT_NE(server.command({"CLIENT", "LIST"}).find("name=ctxcache "), std::string::npos);
}

TEST_F(redis_acl_test, lets_the_log_do_its_work) {
  const auto store = open_log();
  const log_store::beat one{.member = "m", .applied = {}, .count = 1};
  const auto place = run(store->publish({}, soon()));
  EXPECT_TRUE(place) << place.error().message();
  EXPECT_TRUE(run(store->publish({}, soon())));
  EXPECT_TRUE(run(store->heartbeat(one, 0, soon())));
  EXPECT_TRUE(run(store->wait(0, soon())));
  EXPECT_TRUE(run(store->read(0, 10, soon())));
  EXPECT_TRUE(run(store->tail(0, std::chrono::milliseconds{10})));
  EXPECT_TRUE(run(store->first_retained(soon())));
  EXPECT_TRUE(run(store->registered(soon())));
  EXPECT_TRUE(run(store->remove("m", 1, soon())));
  const auto server_of_the_log = run(store->inspect(soon()));
  ASSERT_TRUE(server_of_the_log) << server_of_the_log.error().message();
  EXPECT_EQ(server_of_the_log->eviction_policy, "noeviction");
  const auto polling = open_log({.poll = std::chrono::milliseconds{1}});
  EXPECT_TRUE(run(polling->tail(0, std::chrono::milliseconds{10})));
  test::run_coroutine(loop_, polling->stop());
  ASSERT_EQ(server.command({"FLUSHALL"}), "OK");
  EXPECT_TRUE(run(store->heartbeat(one, 0, soon())));  // begins another epoch
  test::run_coroutine(loop_, store->stop());
}

TEST_F(redis_acl_test, lets_the_shared_facts_do_their_work) {
  const auto store = *make_redis_shared_store(loop_.get_executor(), {.url = url()});
  const lease held{"job", "a"};
  const auto hour = std::chrono::hours{1};
  const auto is_held = run(store->hold(held, hour, soon()));
  EXPECT_TRUE(is_held) << is_held.error().message();
  EXPECT_TRUE(run(store->put({"fact", "value", hour}, held, soon())));
  EXPECT_TRUE(run(store->get("fact", soon())));
  EXPECT_TRUE(run(store->remove("fact", soon())));
  EXPECT_TRUE(run(store->release(held, soon())));
  EXPECT_TRUE(run(store->append("list", "value", 1, soon())));
  EXPECT_EQ(run(store->list("list", 1, soon()))->size(), 1u);
  EXPECT_TRUE(*run(store->replace("list", "value", "other", soon())));
  EXPECT_TRUE(*run(store->take("list", "other", soon())));
  EXPECT_TRUE(run(store->mark("set", {1}, hour, soon())));
  EXPECT_EQ(*run(store->marked("set", soon())), 1u);
  test::run_coroutine(loop_, store->stop());
}

// As deploy/redis-acl.md says.
TEST_F(redis_acl_test, lets_a_stream_of_events_do_its_work_once_it_is_named) {
  const auto refused = run(event_stream().next(soon()));
  EXPECT_EQ(refused.error(), errc::l2_failed);
  ASSERT_EQ(server.command({"ACL", "SETUSER", "ctxcache",
                            "(~events +xgroup|create +xreadgroup +xack +xautoclaim +xpending)"}),
            "OK");
  auto& source = event_stream();
  EXPECT_TRUE(run(source.next(in(budget))));
  EXPECT_TRUE(run(source.confirm("1-0", soon())));
  EXPECT_EQ(server.command({"ACL", "DRYRUN", "ctxcache", "XPENDING", "events", "ctxcache"}), "OK");
  EXPECT_NE(server.command({"ACL", "DRYRUN", "ctxcache", "XADD", "events", "*", "a", "b"}), "OK");
  EXPECT_NE(server.command({"ACL", "DRYRUN", "ctxcache", "UNLINK", "events"}), "OK");
}

TEST_F(redis_acl_test, keeps_it_from_everything_else) {
  const auto elsewhere = open_log({.prefix = "{another}"});
  EXPECT_EQ(run(elsewhere->publish({}, soon())).error(), errc::l2_failed);
  test::run_coroutine(loop_, elsewhere->stop());
  for (const std::vector<std::string>& command : {std::vector<std::string>{"GET", "other"},
                                                  {"FLUSHALL"},
                                                  {"KEYS", "*"},
                                                  {"CONFIG", "GET", "requirepass"},
                                                  {"CLIENT", "LIST"},
                                                  {"ACL", "LIST"},
                                                  {"PUBLISH", "channel", "x"},
                                                  {"SHUTDOWN"}}) {
    auto words = command;
    words.insert(words.begin(), {"ACL", "DRYRUN", "ctxcache"});
    EXPECT_NE(server.command(words), "OK") << command.front();
  }
}

}  // namespace
}  // namespace ctxcache::redis
