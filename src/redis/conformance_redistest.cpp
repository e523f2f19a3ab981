// One suite over the real tier and over the fake that other rooms' tests use.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>

#include "ctxcache/backends.hpp"
#include "support/fake_l2.hpp"
#include "support/l2_conformance.hpp"
#include "support/manual_clock.hpp"
#include "support/redis_server.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {
namespace {

class redis_subject {
 public:
  redis_subject() {
    static const redis_server server;
    EXPECT_EQ(server.command({"FLUSHALL"}), "OK");
    cache_ = *make_redis_l2(loop_.get_executor(), {.url = server.url()});
  }
  boost::asio::io_context& loop() { return loop_; }
  l2_cache& cache() { return *cache_; }
  const clock& time() { return machine_clock(); }

 private:
  boost::asio::io_context loop_;
  std::unique_ptr<l2_cache> cache_;
};

class fake_subject {
 public:
  boost::asio::io_context& loop() { return loop_; }
  l2_cache& cache() { return cache_; }
  const clock& time() { return clock_; }

 private:
  boost::asio::io_context loop_;
  manual_clock clock_;
  fake_l2 cache_{clock_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(redis, l2_conformance, redis_subject);
INSTANTIATE_TYPED_TEST_SUITE_P(fake, l2_conformance, fake_subject);

struct fake_l2_test : testing::Test {
  boost::asio::io_context loop;
  manual_clock clock;
  fake_l2 cache{clock};
  key where = *key::make({"c", "support"});

  result<bool> put() {
    auto made = std::make_shared<entry>();
    made->body = "{}";
    made->loaded_at = clock.now();
    made->expires_at = clock.now() + std::chrono::seconds{10};
    return run_coroutine(loop, cache.put(where, made, {}));
  }
  result<l2_cache::hit> get() { return run_coroutine(loop, cache.get(where, {})); }
};

TEST_F(fake_l2_test, forgets_what_has_expired) {
  ASSERT_TRUE(*put());
  clock.advance(std::chrono::seconds{10} - std::chrono::milliseconds{1});
  EXPECT_NE(*get(), nullptr);
  clock.advance(std::chrono::milliseconds{1});
  EXPECT_EQ(*get(), nullptr);
}

TEST_F(fake_l2_test, fails_as_it_is_told) {
  using fault = fake_l2::fault;
  ASSERT_TRUE(*put());
  cache.fail_with(fault::down);
  EXPECT_EQ(get().error(), errc::l2_unavailable);
  EXPECT_EQ(cache.report().now, l2_cache::health::state::down);
  cache.fail_with(fault::slow);
  EXPECT_EQ(get().error(), errc::l2_timeout);
  cache.fail_with(fault::full);
  EXPECT_EQ(put().error(), errc::l2_failed);
  EXPECT_NE(*get(), nullptr);
  cache.fail_with(fault::corrupt);
  EXPECT_EQ(get().error(), errc::corrupt_value);
  cache.fail_with(fault::none);
  EXPECT_NE(*get(), nullptr);
  EXPECT_EQ(cache.calls().put, 2u);
  EXPECT_EQ(cache.calls().get, 5u);
}

}  // namespace
}  // namespace ctxcache::test
