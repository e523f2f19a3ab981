#include <gtest/gtest.h>

#include <chrono>

#include "core/orchestrator_test_support.hpp"

namespace ctxcache {
namespace {

using namespace std::chrono_literals;

class write_path : public test::orchestrator_fixture {};

TEST_F(write_path, put_serves_the_callers_bytes_from_both_tiers) {
  auto& cache = start();
  auto& other = start();
  const auto stored = run(cache.put(support, R"({"mine":true})", {}));
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->stored_l1);
  EXPECT_TRUE(stored->stored_l2);
  EXPECT_EQ(get(cache, support)->value->body, R"({"mine":true})");
  EXPECT_EQ(get(cache, support)->from, origin::l1);
  time.advance(1s);
  EXPECT_EQ(get(other, support)->value->body, R"({"mine":true})");
  EXPECT_EQ(source->loads, 0);
}

TEST_F(write_path, a_put_outlives_a_load_that_began_before_it) {
  auto& cache = start();
  source->held = true;
  const auto reader = begin_get(cache, support);
  ASSERT_TRUE(run(cache.put(support, R"({"mine":true})", {})));
  source->release();
  settle();
  ASSERT_TRUE(reader->has_value());
  EXPECT_EQ(get(cache, support)->value->body, R"({"mine":true})");
  time.advance(31s);
  EXPECT_EQ(get(cache, support)->value->body, R"({"mine":true})");
}

TEST_F(write_path, explains_a_key_without_touching_it) {
  auto& cache = start();
  const auto nothing = run(cache.explain(support, {}));
  EXPECT_FALSE(nothing.l1);
  EXPECT_FALSE(nothing.l2);
  EXPECT_FALSE(nothing.last_invalidated);
  ASSERT_TRUE(get(cache, support));
  time.advance(10s);
  const auto held = run(cache.explain(support, {}));
  ASSERT_TRUE(held.l1 && held.l2);
  EXPECT_TRUE(held.l1->valid);
  EXPECT_EQ(held.l1->remaining, 20s);
  EXPECT_EQ(held.l2->remaining, 290s);
  EXPECT_EQ(cache.stats().l1_hits, 0u);
}

}  // namespace
}  // namespace ctxcache
