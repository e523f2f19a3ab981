// Loading for whoever will ask.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/orchestrator_test_support.hpp"

namespace ctxcache {
namespace {

using namespace std::chrono_literals;

class warm_up : public test::orchestrator_fixture {
 protected:
  result<void> warm(orchestrator& cache, const key& wanted, warm_mark credit = {}) {
    return run(cache.warm(wanted, {.credit = credit}));
  }
  std::vector<bool> cold(orchestrator& cache, std::vector<key> wanted,
                         std::chrono::milliseconds within = 0ms) {
    return run(cache.cold(std::move(wanted), within, {}));
  }
  std::size_t fetch(orchestrator& cache, std::vector<key> wanted) {
    return run(cache.fetch(std::move(wanted), {}));
  }
  static key of_customer(int number) { return *key::make({"cust_" + std::to_string(number), "support"}); }
};

TEST_F(warm_up, fills_both_tiers_and_counts_no_request) {
  auto& cache = start();
  EXPECT_EQ(cold(cache, {support, billing}), (std::vector<bool>{true, true}));
  EXPECT_TRUE(warm(cache, support));
  EXPECT_EQ(cold(cache, {support, billing}), (std::vector<bool>{false, true}));
  EXPECT_EQ(cache.stats().requests(), 0u);
  EXPECT_EQ(cache.stats().loads, 1u);
  EXPECT_EQ(get(cache, support)->from, origin::l1);
  auto& other = start();
  EXPECT_EQ(get(other, support)->from, origin::l2);
  EXPECT_EQ(source->loads, 1);
}

TEST_F(warm_up, takes_what_expires_soon_for_cold) {
  auto& cache = start({.l2_cache_ttl = 300s});
  EXPECT_TRUE(warm(cache, support));
  time.advance(200s);
  EXPECT_EQ(cold(cache, {support}, 99s), std::vector<bool>{false});
  EXPECT_EQ(cold(cache, {support}, 100s), std::vector<bool>{true});
}

TEST_F(warm_up, looks_at_memory_where_there_is_no_l2) {
  auto& cache = start({.l1_cache_ttl = 30s, .enable_l2_cache = false});
  EXPECT_TRUE(warm(cache, support));
  EXPECT_EQ(cold(cache, {support, billing}), (std::vector<bool>{false, true}));
  EXPECT_EQ(cold(cache, {support}, 30s), std::vector<bool>{true});
  invalidate(cache, of("cust_1"));
  EXPECT_EQ(cold(cache, {support}), std::vector<bool>{true});
}

TEST_F(warm_up, loads_again_what_is_warm) {
  auto& cache = start();
  EXPECT_TRUE(warm(cache, support));
  EXPECT_TRUE(warm(cache, support));
  EXPECT_EQ(source->loads, 2);
}

TEST_F(warm_up, evicts_nothing_from_memory) {
  auto& cache = start({.l1_cache_max_size = 2});
  ASSERT_TRUE(get(cache, of_customer(1)));
  ASSERT_TRUE(get(cache, of_customer(2)));
  EXPECT_TRUE(warm(cache, of_customer(3)));
  EXPECT_EQ(cache.stats().l1_evictions, 0u);
  EXPECT_EQ(get(cache, of_customer(1))->from, origin::l1);
  EXPECT_EQ(get(cache, of_customer(2))->from, origin::l1);
  EXPECT_EQ(get(cache, of_customer(3))->from, origin::l2);
}

TEST_F(warm_up, keeps_nothing_that_is_invalidated_meanwhile) {
  auto& cache = start();
  source->held = true;
  auto warming = std::make_shared<std::optional<result<void>>>();
  boost::asio::co_spawn(loop, cache.warm(support, {}),
                        [warming](std::exception_ptr, result<void> got) { *warming = got; });
  settle();
  ASSERT_EQ(source->loads, 1);
  invalidate(cache, of("cust_1"));
  source->release();
  settle();
  ASSERT_TRUE(warming->has_value());
  EXPECT_EQ((*warming)->error(), errc::not_cached);
  EXPECT_EQ(cold(cache, {support}), std::vector<bool>{true});
  EXPECT_EQ(get(cache, support)->from, origin::provider);
}

TEST_F(warm_up, joins_a_load_under_way) {
  auto& cache = start();
  source->held = true;
  const auto reader = begin_get(cache, support);
  auto warming = std::make_shared<std::optional<result<void>>>();
  boost::asio::co_spawn(loop, cache.warm(support, {}),
                        [warming](std::exception_ptr, result<void> got) { *warming = got; });
  settle();
  source->release();
  settle();
  EXPECT_TRUE(**reader);
  EXPECT_TRUE(**warming);
  EXPECT_EQ(source->loads, 1);
}

TEST_F(warm_up, says_why_it_could_not) {
  auto& cache = start();
  EXPECT_EQ(warm(cache, *key::make({"cust_1", "unheard_of"})).error(), errc::unknown_agent_type);
  source->unknown = true;
  EXPECT_EQ(warm(cache, support).error(), errc::customer_unknown);
  EXPECT_EQ(get(cache, support).error(), errc::customer_unknown);
  EXPECT_EQ(source->loads, 1);
  source->unknown = false;
  source->failure = errc::provider_unavailable;
  EXPECT_EQ(warm(cache, billing).error(), errc::provider_unavailable);
}

TEST_F(warm_up, fetches_from_l2_into_the_room_that_is_left) {
  auto& cache = start();
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(warm(cache, of_customer(i)));
  auto& other = start({.l1_cache_max_size = 2});
  ASSERT_TRUE(get(other, of_customer(9)));
  EXPECT_EQ(fetch(other, {of_customer(1), of_customer(2), of_customer(3), of_customer(4)}), 1u);
  EXPECT_EQ(other.stats().l1_size, 2u);
  EXPECT_EQ(other.stats().requests(), 1u);
  EXPECT_EQ(get(other, of_customer(9))->from, origin::l1);
}

TEST_F(warm_up, fetches_nothing_that_was_invalidated) {
  auto& cache = start();
  EXPECT_TRUE(warm(cache, support));
  invalidate(cache, of("cust_1"));
  EXPECT_EQ(fetch(cache, {support}), 0u);
}

TEST_F(warm_up, names_the_hottest_first) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, of_customer(1)));
  ASSERT_TRUE(get(cache, of_customer(2)));
  EXPECT_TRUE(warm(cache, of_customer(3)));
  ASSERT_TRUE(get(cache, of_customer(1)));
  EXPECT_EQ(cache.hottest(10), (std::vector<key>{of_customer(1), of_customer(2)}));
}

TEST_F(warm_up, credits_the_first_hit_of_what_was_warmed) {
  auto& cache = start();
  const warm_mark mine{.run = 7, .place = 1};
  EXPECT_TRUE(warm(cache, support, mine));
  EXPECT_TRUE(warm(cache, billing, {.run = 7, .place = 2}));
  EXPECT_TRUE(cache.take_credits().empty());
  ASSERT_TRUE(get(cache, support));
  ASSERT_TRUE(get(cache, support));
  EXPECT_EQ(cache.take_credits(), std::vector<warm_mark>{mine});
  ASSERT_TRUE(get(cache, support));
  EXPECT_TRUE(cache.take_credits().empty());
  static_cast<void>(cache.find(billing.view(), {}, time.now()));
  EXPECT_EQ(cache.take_credits(), (std::vector<warm_mark>{{.run = 7, .place = 2}}));
}

TEST_F(warm_up, does_not_credit_readers_who_waited_for_the_load) {
  auto& cache = start();
  source->held = true;
  boost::asio::co_spawn(loop, cache.warm(support, {.credit = {.run = 7, .place = 1}}),
                        [](std::exception_ptr, const result<void>&) {});
  settle();
  const auto reader = begin_get(cache, support);
  source->release();
  settle();
  EXPECT_TRUE(**reader);
  EXPECT_TRUE(cache.take_credits().empty());
}

}  // namespace
}  // namespace ctxcache
