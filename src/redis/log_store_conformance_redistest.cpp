// One suite over the log in Redis and over the fake that other rooms' tests use.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>

#include "ctxcache/backends.hpp"
#include "support/fake_log_store.hpp"
#include "support/log_store_conformance.hpp"
#include "support/manual_clock.hpp"
#include "support/redis_server.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {
namespace {

using std::chrono::milliseconds;

constexpr fleet_constants of_the_fleet{milliseconds{1'000}, milliseconds{0}, milliseconds{5'000},
                                       milliseconds{3'000}};

class redis_log_subject {
 public:
  explicit redis_log_subject(milliseconds poll = milliseconds{0}) {
    static const redis_server server;
    EXPECT_EQ(server.command({"FLUSHALL"}), "OK");
    log_store_options options{
        .url = server.url(), .log_max_messages = 100, .constants = of_the_fleet, .poll = poll};
    mine_ = *make_redis_log_store(loop_.get_executor(), options);
    options.constants = {};
    other_ = *make_redis_log_store(loop_.get_executor(), options);
  }
  boost::asio::io_context& loop() { return loop_; }
  log_store& mine() { return *mine_; }
  log_store& other() { return *other_; }
  const clock& time() { return machine_clock(); }
  fleet_constants constants() { return of_the_fleet; }

 private:
  boost::asio::io_context loop_;
  std::unique_ptr<log_store> mine_;
  std::unique_ptr<log_store> other_;
};

struct polled_log_subject : redis_log_subject {
  polled_log_subject() : redis_log_subject(milliseconds{2}) {}
};

class fake_log_subject {
 public:
  boost::asio::io_context& loop() { return loop_; }
  log_store& mine() { return mine_; }
  log_store& other() { return other_; }
  const clock& time() { return clock_; }
  fleet_constants constants() { return of_the_fleet; }

 private:
  boost::asio::io_context loop_;
  manual_clock clock_;
  std::shared_ptr<fake_log> log_ = std::make_shared<fake_log>(100, of_the_fleet);
  fake_log_store mine_{log_, clock_};
  fake_log_store other_{log_, clock_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(redis, log_store_conformance, redis_log_subject);
INSTANTIATE_TYPED_TEST_SUITE_P(polled, log_store_conformance, polled_log_subject);
INSTANTIATE_TYPED_TEST_SUITE_P(fake, log_store_conformance, fake_log_subject);

struct fake_log_store_test : testing::Test {
  boost::asio::io_context loop;
  manual_clock clock;
  std::shared_ptr<fake_log> log = std::make_shared<fake_log>();
  fake_log_store store{log, clock};
  fake_log_store other{log, clock};

  result<position> publish(log_store& where) { return run_coroutine(loop, where.publish({}, {})); }
  std::size_t tailed(std::uint64_t after) {
    return run_coroutine(loop, store.tail(after, milliseconds{1}))->size();
  }
};

TEST_F(fake_log_store_test, fails_as_it_is_told_and_for_this_member_only) {
  using fault = fake_log_store::fault;
  store.fail_with(fault::down);
  EXPECT_EQ(publish(store).error(), errc::l2_unavailable);
  EXPECT_EQ(run_coroutine(loop, store.tail(0, milliseconds{1})).error(), errc::l2_unavailable);
  store.fail_with(fault::slow);
  EXPECT_EQ(publish(store).error(), errc::l2_timeout);
  EXPECT_TRUE(publish(other));
  store.fail_with(fault::none);
  EXPECT_EQ(publish(store)->sequence, 2u);
}

TEST_F(fake_log_store_test, begins_another_epoch_when_it_is_told) {
  const auto before = *publish(store);
  run_coroutine(loop, store.heartbeat({.member = "m"}, 0, {}));
  log->new_epoch();
  const auto after = *publish(other);
  EXPECT_NE(after.epoch, before.epoch);
  EXPECT_EQ(after.sequence, 1u);
  EXPECT_EQ(run_coroutine(loop, store.read(0, 10, {}))->size(), 1u);
  EXPECT_TRUE(run_coroutine(loop, store.registered({}))->all.empty());
}

TEST_F(fake_log_store_test, has_as_many_replicas_as_it_is_told) {
  log->acknowledge(2);
  EXPECT_EQ(*run_coroutine(loop, store.wait(1, {})), 2u);
  EXPECT_EQ(run_coroutine(loop, store.heartbeat({.member = "m"}, 1, {}))->replicas, 2u);
  EXPECT_EQ(run_coroutine(loop, store.heartbeat({.member = "m"}, 0, {}))->replicas, 0u);
}

TEST_F(fake_log_store_test, holds_back_the_tail_until_it_may_go_on) {
  ASSERT_TRUE(publish(other));
  store.hold_tail(true);
  EXPECT_EQ(tailed(0), 0u);
  EXPECT_EQ(run_coroutine(loop, store.read(0, 10, {}))->size(), 1u);
  store.hold_tail(false);
  EXPECT_EQ(tailed(0), 1u);
}

TEST_F(fake_log_store_test, trims_where_it_is_told) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(publish(store));
  log->trim_to(2);
  EXPECT_EQ(*run_coroutine(loop, store.first_retained({})), 3u);
  log->trim_to(3);
  EXPECT_EQ(*run_coroutine(loop, store.first_retained({})), 0u);
  EXPECT_EQ(publish(store)->sequence, 4u);
}

}  // namespace
}  // namespace ctxcache::test
