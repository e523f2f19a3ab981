// Rule 12: a provider that lags behind its writes does not get them past an invalidation into the cache.
#include <gtest/gtest.h>

#include <chrono>

#include "core/orchestrator_test_support.hpp"
#include "support/child_process.hpp"
#include "support/fake_log_store.hpp"

namespace ctxcache {
namespace {

using namespace std::chrono_literals;

class settling : public test::orchestrator_fixture {
 protected:
  settling() { source->settle = 500ms; }
  /// A process that has been there for long enough.
  orchestrator& start_early() {
    auto& cache = start();
    settle();
    time.advance(source->settle);
    return cache;
  }
  /// Whether a load that begins now is kept, in either tier.
  bool is_kept(orchestrator& cache, const key& wanted) {
    const auto puts = l2->calls().put;
    const auto got = get(cache, wanted, {.no_cache = true});
    EXPECT_TRUE(got);
    const bool in_l2 = l2->calls().put != puts;
    EXPECT_EQ(got->stored, in_l2);
    return got->stored;
  }
};

TEST_F(settling, what_lags_is_answered_and_not_kept_for_a_while_after_an_invalidation) {
  auto& cache = start_early();
  EXPECT_TRUE(is_kept(cache, support));
  time.advance(1s);
  invalidate(cache, of("cust_1"));
  EXPECT_FALSE(is_kept(cache, support)) << "known, but perhaps not yet to the replica";
  time.advance(499ms);
  EXPECT_FALSE(is_kept(cache, support));
  time.advance(1ms);
  EXPECT_TRUE(is_kept(cache, support));
  EXPECT_EQ(get(cache, support)->from, origin::l1);
}

TEST_F(settling, holds_at_first_for_what_was_invalidated_before_this_process_was_there) {
  auto& cache = start();
  settle();
  EXPECT_FALSE(is_kept(cache, support));
  time.advance(499ms);
  EXPECT_FALSE(is_kept(cache, support));
  time.advance(1ms);
  EXPECT_TRUE(is_kept(cache, support));
}

TEST_F(settling, begins_when_the_load_began) {
  auto& cache = start();
  settle();
  time.advance(1s);
  invalidate(cache, of("cust_1"));
  EXPECT_FALSE(is_kept(cache, support));
  source->load_time = 600ms;
  EXPECT_FALSE(is_kept(cache, support)) << "it ended late enough, and had asked too early";
  EXPECT_TRUE(is_kept(cache, support));
}

TEST_F(settling, invalidation_of_others_is_no_reason) {
  auto& cache = start_early();
  invalidate(cache, of("cust_2"));
  EXPECT_TRUE(is_kept(cache, support));
}

TEST_F(settling, source_that_does_not_lag_is_kept_at_once) {
  source->settle = 0ms;
  auto& cache = start();
  invalidate(cache, of("cust_1"));
  EXPECT_TRUE(is_kept(cache, support));
}

TEST_F(settling, unknown_customers_are_not_remembered_either) {
  source->unknown = true;
  auto& cache = start();
  invalidate(cache, of("cust_1"));
  EXPECT_EQ(get(cache, support).error(), errc::customer_unknown);
  source->unknown = false;
  EXPECT_TRUE(get(cache, support)) << "the replica has seen the customer meanwhile";
}

TEST_F(settling, holds_while_an_invalidation_waits_for_the_log) {
  test::temporary_folder folder;
  const auto log = std::make_shared<test::fake_log>();
  auto way = std::make_unique<test::fake_log_store>(log, time);
  auto& store = *way;
  orchestrator::parts with{.source = source, .time = &time, .log = std::move(way)};
  with.fleet.journal_path = folder.path() + "/journal";
  auto& cache = start({}, std::move(with));
  ASSERT_TRUE(run(cache.start(deadline::after(time.now(), 10s))));
  EXPECT_FALSE(get(cache, support)->stored) << "the epoch is young";
  time.advance(500ms);
  ASSERT_TRUE(get(cache, support)->stored);
  store.fail_with(test::fake_log_store::fault::down);
  ASSERT_TRUE(invalidate(cache, of("cust_1")).queued);
  EXPECT_FALSE(get(cache, support)->stored);
  time.advance(500ms);
  EXPECT_TRUE(get(cache, support)->stored);
}

}  // namespace
}  // namespace ctxcache
