#include <gtest/gtest.h>

#include <chrono>

#include "core/orchestrator_test_support.hpp"

namespace ctxcache {
namespace {

using namespace std::chrono_literals;

class read_path : public test::orchestrator_fixture {};

TEST_F(read_path, first_provider_then_l1_then_l2_then_provider_again) {
  auto& cache = start();
  const auto first = get(cache, support);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->from, origin::provider);
  EXPECT_TRUE(first->stored);
  EXPECT_EQ(first->value->body, source->truth);

  time.advance(9s);
  const auto second = get(cache, support);
  EXPECT_EQ(second->from, origin::l1);
  EXPECT_EQ(second->ttl, 21s);

  time.advance(22s);
  const auto third = get(cache, support);
  EXPECT_EQ(third->from, origin::l2);
  EXPECT_EQ(third->ttl, 269s);
  EXPECT_EQ(get(cache, support)->from, origin::l1);

  time.advance(269s);
  EXPECT_EQ(get(cache, support)->from, origin::provider);
  EXPECT_EQ(source->loads, 2);
}

TEST_F(read_path, promotion_lives_no_longer_than_l2_does) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  time.advance(290s);
  EXPECT_EQ(get(cache, support)->from, origin::l2);
  const auto again = get(cache, support);
  EXPECT_EQ(again->from, origin::l1);
  EXPECT_EQ(again->ttl, 10s);
  EXPECT_EQ(time.now() - again->value->loaded_at, 290s);
}

TEST_F(read_path, counts_each_request_once_in_each_tier) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  ASSERT_TRUE(get(cache, support));
  time.advance(31s);
  ASSERT_TRUE(get(cache, support));
  const auto counted = cache.stats();
  EXPECT_EQ(counted.l1_hits, 1u);
  EXPECT_EQ(counted.l1_misses, 2u);
  EXPECT_EQ(counted.l2_hits, 1u);
  EXPECT_EQ(counted.l2_misses, 1u);
  EXPECT_EQ(counted.l1_hit_rate(), 33.3);
  EXPECT_EQ(counted.l2_hit_rate(), 50.0);
  EXPECT_EQ(counted.overall_hit_rate(), 66.7);
}

TEST_F(read_path, rates_without_requests_are_zero) {
  const auto counted = start().stats();
  EXPECT_EQ(counted.l1_hit_rate(), 0.0);
  EXPECT_EQ(counted.l2_hit_rate(), 0.0);
  EXPECT_EQ(counted.overall_hit_rate(), 0.0);
}

TEST_F(read_path, another_process_reads_what_the_first_one_stored) {
  auto& first = start();
  auto& second = start();
  ASSERT_TRUE(get(first, support));
  time.advance(1s);
  EXPECT_EQ(get(second, support)->from, origin::l2);
  EXPECT_EQ(source->loads, 1);
}

TEST_F(read_path, many_readers_one_load) {
  auto& cache = start();
  source->held = true;
  std::vector<std::shared_ptr<std::optional<result<lookup>>>> readers;
  for (int i = 0; i < 50; ++i) readers.push_back(begin_get(cache, support));
  EXPECT_EQ(source->loads, 1);
  source->release();
  settle();
  int collapsed = 0;
  for (const auto& reader : readers) {
    ASSERT_TRUE(reader->has_value());
    ASSERT_TRUE(**reader);
    collapsed += (**reader)->collapsed ? 1 : 0;
  }
  EXPECT_EQ(collapsed, 49);
  EXPECT_EQ(cache.stats().coalesced, 49u);
  EXPECT_EQ(source->running_max, 1);
}

TEST_F(read_path, a_reader_out_of_time_leaves_the_load_to_the_others) {
  auto& cache = start();
  source->held = true;
  const auto patient = begin_get(cache, support);
  const auto hurried = begin_get(cache, support, {.until = {time.now()}});
  loop.restart();
  while (!hurried->has_value()) loop.run_one();
  EXPECT_EQ((*hurried)->error(), errc::deadline_exceeded);
  EXPECT_FALSE(patient->has_value());
  source->release();
  settle();
  ASSERT_TRUE(patient->has_value());
  EXPECT_TRUE(**patient);
  EXPECT_EQ(get(cache, support)->from, origin::l1);
}

TEST_F(read_path, unknown_customers_are_remembered_for_a_short_while) {
  auto& cache = start();
  source->unknown = true;
  EXPECT_EQ(get(cache, support).error(), errc::customer_unknown);
  EXPECT_EQ(get(cache, support).error(), errc::customer_unknown);
  EXPECT_EQ(source->loads, 1);
  EXPECT_EQ(cache.stats().unknown_hits, 1u);
  EXPECT_EQ(cache.stats().l1_size, 0u);
  EXPECT_EQ(l2->size(), 0u);
  time.advance(5s);
  source->unknown = false;
  EXPECT_TRUE(get(cache, support));
}

TEST_F(read_path, an_invalidation_forgets_that_a_customer_was_unknown) {
  auto& cache = start();
  source->unknown = true;
  ASSERT_FALSE(get(cache, support));
  source->unknown = false;
  invalidate(cache, of("cust_1"));
  EXPECT_TRUE(get(cache, support));
}

TEST_F(read_path, a_partial_context_lives_shortly_in_both_tiers) {
  auto& cache = start();
  source->partial = true;
  EXPECT_TRUE(get(cache, support)->value->partial);
  source->partial = false;
  time.advance(4s);
  EXPECT_EQ(get(cache, support)->from, origin::l1);
  time.advance(1s);
  EXPECT_EQ(get(cache, support)->from, origin::provider);
}

TEST_F(read_path, no_cache_loads_again_and_keeps) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  source->truth = R"({"version":2})";
  const auto fresh = get(cache, support, {.no_cache = true});
  EXPECT_EQ(fresh->from, origin::provider);
  EXPECT_EQ(fresh->value->body, source->truth);
  EXPECT_EQ(get(cache, support)->value->body, source->truth);
}

TEST_F(read_path, no_cache_does_not_take_what_was_read_before_it_came) {
  auto& cache = start();
  source->held = true;
  const auto early = begin_get(cache, support);
  source->truth = R"({"version":2})";
  const auto late = begin_get(cache, support, {.no_cache = true});
  source->release();
  settle();
  ASSERT_TRUE(early->has_value() && late->has_value());
  EXPECT_EQ((**early)->value->body, R"({"version":1})");
  EXPECT_EQ((**late)->value->body, R"({"version":2})");
  EXPECT_EQ(source->running_max, 1);
}

TEST_F(read_path, no_store_loads_and_keeps_nothing) {
  auto& cache = start();
  const auto once = get(cache, support, {.no_store = true});
  ASSERT_TRUE(once);
  EXPECT_FALSE(once->stored);
  EXPECT_EQ(cache.stats().l1_size, 0u);
  EXPECT_EQ(l2->size(), 0u);
}

TEST_F(read_path, only_if_cached_asks_no_provider) {
  auto& cache = start();
  EXPECT_EQ(get(cache, support, {.only_if_cached = true}).error(), errc::not_cached);
  EXPECT_EQ(source->loads, 0);
  ASSERT_TRUE(get(cache, support));
  time.advance(31s);
  EXPECT_EQ(get(cache, support, {.only_if_cached = true})->from, origin::l2);
}

TEST_F(read_path, max_age_refuses_older_copies_in_both_tiers) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  time.advance(10s);
  EXPECT_EQ(get(cache, support, {.max_age = 10s})->from, origin::l1);
  EXPECT_EQ(get(cache, support, {.max_age = 9s})->from, origin::provider);
  source->load_time = 1s;
  time.advance(1s);
  EXPECT_EQ(get(cache, support, {.max_age = 0s})->from, origin::provider);
  EXPECT_EQ(source->loads, 3);
}

TEST_F(read_path, an_agent_type_that_is_not_configured_is_refused) {
  auto& cache = start();
  EXPECT_EQ(get(cache, *key::make({"cust_1", "wizard"})).error(), errc::unknown_agent_type);
  EXPECT_EQ(source->loads, 0);
}

TEST_F(read_path, without_l2_every_miss_is_a_load) {
  auto& cache = start({.enable_l2_cache = false});
  ASSERT_TRUE(get(cache, support));
  time.advance(31s);
  EXPECT_EQ(get(cache, support)->from, origin::provider);
  EXPECT_EQ(l2->calls().get, 0u);
  EXPECT_EQ(cache.stats().l2_misses, 0u);
}

TEST_F(read_path, without_l1_every_hit_is_from_l2) {
  auto& cache = start({.enable_l1_cache = false});
  ASSERT_TRUE(get(cache, support));
  EXPECT_EQ(get(cache, support)->from, origin::l2);
  EXPECT_EQ(get(cache, support)->from, origin::l2);
  EXPECT_EQ(cache.stats().l1_hits, 0u);
}

TEST_F(read_path, a_batch_asks_l2_once_and_loads_the_rest) {
  auto& first = start();
  auto& second = start();
  ASSERT_TRUE(get(first, support));
  ASSERT_TRUE(get(first, talk));
  ASSERT_TRUE(get(second, talk));
  const auto before = l2->calls().get;
  const std::vector<key> wanted{support, talk, billing, *key::make({"cust_1", "wizard"}), billing};
  const auto answers = run(second.get_many(wanted, {}));
  ASSERT_EQ(answers.size(), wanted.size());
  EXPECT_EQ(answers[0]->from, origin::l2);
  EXPECT_EQ(answers[1]->from, origin::l1);
  EXPECT_EQ(answers[2]->from, origin::provider);
  EXPECT_EQ(answers[3].error(), errc::unknown_agent_type);
  EXPECT_TRUE(answers[4]);
  EXPECT_EQ(l2->calls().get - before, 1u);
  EXPECT_EQ(source->loads, 3);
}

TEST_F(read_path, settings_that_cannot_work_are_refused) {
  EXPECT_THROW(start({.l1_cache_ttl = 0ms}), boost::system::system_error);
  EXPECT_THROW(start({.agent_types = {}}), boost::system::system_error);
  orchestrator::parts without_lane{.source = source, .time = &time};
  EXPECT_THROW(orchestrator({}, std::move(without_lane)), boost::system::system_error);
}

TEST_F(read_path, new_settings_hold_from_the_next_store_on) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  auto settings = cache.settings();
  settings.l1_cache_ttl = 5s;
  settings.l1_cache_max_size = 1;
  cache.reconfigure(settings);
  ASSERT_TRUE(get(cache, billing));
  EXPECT_EQ(get(cache, billing)->ttl, 5s);
  EXPECT_EQ(cache.stats().l1_size, 1u);
}

}  // namespace
}  // namespace ctxcache
