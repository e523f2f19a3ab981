// The log in a Redis that has a replica: what WAIT vouches for, and what a promotion does.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "redis/log_fixture.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct replicated_redis_log_store_test : log_fixture {
  test::redis_server master{{"--repl-diskless-sync-delay", "0"}};
  test::redis_server replica{{"--replicaof", "127.0.0.1", std::to_string(master.port())}};
  log_store* store = nullptr;

  void SetUp() override {
    ASSERT_TRUE(eventually([&] {
      return master.command({"INFO", "replication"}).find("state=online") != std::string::npos;
    }));
    store = &open(master.url());
  }
  result<std::uint64_t> wait(milliseconds limit) { return run(store->wait(1, in(limit))); }
};

TEST_F(replicated_redis_log_store_test, knows_when_a_replica_has_everything) {
  ASSERT_TRUE(publish(*store));
  EXPECT_EQ(*wait(seconds{10}), 1u);
  EXPECT_EQ(beat(*store, 1)->replicas, 1u);
  replica.hang();
  ASSERT_TRUE(publish(*store));
  EXPECT_EQ(*wait(milliseconds{300}), 0u);
  const auto patient = begin(store->wait(1, in(seconds{60})));
  EXPECT_TRUE(publish(*store));  // a wait does not keep others waiting
  EXPECT_FALSE(patient->has_value());
  replica.resume();
  ASSERT_TRUE(eventually([&] { return patient->has_value(); }));
  EXPECT_EQ(***patient, 1u);
}

TEST_F(replicated_redis_log_store_test, counts_its_replicas) {
  const auto facts = run(store->inspect(soon()));
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->replicas_connected, 1u);
}

// In a new session WAIT knows nothing of what was written in the one before.
TEST_F(replicated_redis_log_store_test, vouches_for_nothing_after_a_reconnect) {
  ASSERT_TRUE(publish(*store));
  ASSERT_EQ(*wait(seconds{10}), 1u);
  ASSERT_EQ(master.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}), "1");
  ASSERT_TRUE(eventually([&] { return run(store->read(0, 1, soon())).has_value(); }));
  EXPECT_EQ(*wait(seconds{10}), 0u);
  EXPECT_FALSE(*run(store->remove("nobody", {}, soon())));  // which writes nothing
  EXPECT_EQ(*wait(seconds{10}), 0u);
  ASSERT_TRUE(publish(*store));
  EXPECT_EQ(*wait(seconds{10}), 1u);
}

TEST_F(replicated_redis_log_store_test, begins_another_epoch_on_a_promoted_replica) {
  const auto before = *publish(*store);
  ASSERT_EQ(*wait(seconds{10}), 1u);
  auto& there = open(replica.url());
  EXPECT_EQ(run(there.read(0, 10, soon()))->size(), 1u);
  EXPECT_EQ(publish(there).error(), errc::l2_failed);  // a replica takes no writes
  ASSERT_EQ(replica.command({"REPLICAOF", "NO", "ONE"}), "OK");
  const auto after = *publish(there);
  EXPECT_NE(after.epoch, before.epoch);
  EXPECT_EQ(after.sequence, 1u);
}

}  // namespace
}  // namespace ctxcache::redis
