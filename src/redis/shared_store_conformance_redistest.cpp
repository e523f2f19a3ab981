// One suite over the shared facts in Redis and over those of a process without one.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "ctxcache/backends.hpp"
#include "support/manual_clock.hpp"
#include "support/redis_server.hpp"
#include "support/run_coroutine.hpp"
#include "support/shared_store_conformance.hpp"

namespace ctxcache::test {
namespace {

class redis_shared_subject {
 public:
  redis_shared_subject() {
    static const redis_server server;
    EXPECT_EQ(server.command({"FLUSHALL"}), "OK");
    store_ = *make_redis_shared_store(loop_.get_executor(), {.url = server.url()});
  }
  boost::asio::io_context& loop() { return loop_; }
  shared_store& store() { return *store_; }
  const clock& time() { return machine_clock(); }
  void pass(std::chrono::milliseconds) {}

 private:
  boost::asio::io_context loop_;
  std::unique_ptr<shared_store> store_;
};

class local_shared_subject {
 public:
  boost::asio::io_context& loop() { return loop_; }
  shared_store& store() { return *store_; }
  const clock& time() { return clock_; }
  void pass(std::chrono::milliseconds time) { clock_.advance(time); }

 private:
  boost::asio::io_context loop_;
  manual_clock clock_;
  std::unique_ptr<shared_store> store_ = make_local_shared_store(clock_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(redis, shared_store_conformance, redis_shared_subject);
INSTANTIATE_TYPED_TEST_SUITE_P(local, shared_store_conformance, local_shared_subject);

struct local_shared_store_test : testing::Test {
  boost::asio::io_context loop;
  manual_clock clock;
  std::unique_ptr<shared_store> store = make_local_shared_store(clock);

  void put(const std::string& name, std::chrono::milliseconds life) {
    ASSERT_TRUE(*run_coroutine(loop, store->put({name, "value", life}, {}, {})));
  }
  bool has(const std::string& name) { return run_coroutine(loop, store->get(name, {}))->has_value(); }
};

TEST_F(local_shared_store_test, ends_a_fact_to_the_tick) {
  put("fact", std::chrono::milliseconds{10});
  clock.advance(std::chrono::milliseconds{10} - boot_clock::duration{1});
  EXPECT_TRUE(has("fact"));
  clock.advance(boot_clock::duration{1});
  EXPECT_FALSE(has("fact"));
}

TEST_F(local_shared_store_test, keeps_what_lives_when_it_sweeps_out_what_has_ended) {
  for (int i = 0; i < 600; ++i) put("long" + std::to_string(i), std::chrono::hours{1});
  for (int i = 0; i < 600; ++i) put("short" + std::to_string(i), std::chrono::milliseconds{1});
  clock.advance(std::chrono::milliseconds{1});
  for (int i = 0; i < 2'000; ++i) put("more" + std::to_string(i), std::chrono::hours{1});
  for (int i = 0; i < 600; ++i) {
    ASSERT_TRUE(has("long" + std::to_string(i)));
    ASSERT_FALSE(has("short" + std::to_string(i)));
  }
}

}  // namespace
}  // namespace ctxcache::test
