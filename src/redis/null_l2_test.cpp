#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "ctxcache/l2_cache.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache {
namespace {

TEST(null_l2, misses_every_read_and_does_every_write) {
  boost::asio::io_context loop;
  const auto cache = make_null_l2();
  const auto where = *key::make({"cust_1", "support"});
  EXPECT_TRUE(*test::run_coroutine(loop, cache->put(where, std::make_shared<entry>(), {})));
  EXPECT_EQ(*test::run_coroutine(loop, cache->get(where, {})), nullptr);
  const auto many = test::run_coroutine(loop, cache->get_many({where, where}, {}));
  ASSERT_EQ(many.size(), 2u);
  EXPECT_EQ(*many[1], nullptr);
  EXPECT_EQ(*test::run_coroutine(loop, cache->unlink({where}, {}, {})), 0u);
  const auto page = test::run_coroutine(loop, cache->scan("*", 0, {}));
  EXPECT_TRUE(page->keys.empty());
  EXPECT_EQ(page->cursor, 0u);
  EXPECT_EQ(cache->report().now, l2_cache::health::state::disabled);
  test::run_coroutine(loop, cache->stop());
}

}  // namespace
}  // namespace ctxcache
