#include <gtest/gtest.h>

#include <chrono>

#include "core/orchestrator_test_support.hpp"

namespace ctxcache {
namespace {

using namespace std::chrono_literals;

constexpr const char* version_2 = R"({"version":2})";

class invalidation_in_one_process : public test::orchestrator_fixture {};

struct covering {
  const char* name;
  scope what;
};

std::vector<covering> scopes_over_the_talk() {
  return {{"conversation", *scope::of("cust_1", "support", "conv_1")},
          {"agent_type", *scope::of("cust_1", "support", std::nullopt)},
          {"customer", *scope::of("cust_1", std::nullopt, std::nullopt)},
          {"pattern", *scope::matching("context:*:support:*")},
          {"all", scope::everything()}};
}

class each_scope : public invalidation_in_one_process, public testing::WithParamInterface<covering> {};

INSTANTIATE_TEST_SUITE_P(invalidation, each_scope, testing::ValuesIn(scopes_over_the_talk()),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST_P(each_scope, takes_effect_at_once_in_l1) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, talk));
  source->truth = version_2;
  const auto done = invalidate(cache, GetParam().what);
  EXPECT_EQ(done.matched_l1, 1u);
  EXPECT_EQ(get(cache, talk)->value->body, version_2);
}

TEST_P(each_scope, takes_effect_at_once_in_l2) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, talk));
  time.advance(31s);
  source->truth = version_2;
  invalidate(cache, GetParam().what);
  EXPECT_EQ(get(cache, talk)->value->body, version_2);
}

TEST_P(each_scope, a_load_in_flight_leaves_nothing_stale_in_l1) {
  auto& cache = start();
  source->held = true;
  const auto reader = begin_get(cache, talk);
  source->truth = version_2;
  invalidate(cache, GetParam().what);
  source->release();
  settle();
  ASSERT_TRUE(reader->has_value() && **reader);
  EXPECT_EQ(get(cache, talk)->value->body, version_2);
}

TEST_P(each_scope, a_load_in_flight_leaves_nothing_stale_in_l2) {
  auto& cache = start();
  source->held = true;
  const auto reader = begin_get(cache, talk);
  source->truth = version_2;
  invalidate(cache, GetParam().what);
  source->release();
  settle();
  ASSERT_TRUE(reader->has_value());
  time.advance(31s);
  EXPECT_EQ(get(cache, talk)->value->body, version_2);
}

TEST_P(each_scope, a_reader_that_comes_after_it_does_not_take_what_a_load_read_before_it) {
  auto& cache = start();
  source->held = true;
  const auto before = begin_get(cache, talk);
  source->truth = version_2;
  invalidate(cache, GetParam().what);
  const auto after = begin_get(cache, talk);
  source->release();
  settle();
  ASSERT_TRUE(before->has_value() && after->has_value());
  EXPECT_EQ((**before)->value->body, R"({"version":1})");
  EXPECT_EQ((**after)->value->body, version_2);
  EXPECT_EQ(source->running_max, 1);
}

TEST_P(each_scope, what_another_process_stored_before_it_is_not_served_after_it) {
  auto& other = start();
  auto& cache = start();
  ASSERT_TRUE(get(other, talk));
  time.advance(1s);
  l2->fail_with(test::fake_l2::fault::down);  // nothing is unlinked: the table alone must forbid it
  source->truth = version_2;
  invalidate(cache, GetParam().what);
  l2->fail_with(test::fake_l2::fault::none);
  EXPECT_EQ(get(cache, talk)->value->body, version_2);
}

TEST_P(each_scope, l2_is_swept_of_what_it_covers_and_of_nothing_else) {
  auto& cache = start();
  const auto bystander = *key::make({"cust_2", "billing"});
  ASSERT_TRUE(get(cache, talk));
  if (GetParam().what.kind() != scope_kind::all) {
    ASSERT_TRUE(get(cache, bystander));
  }
  const auto others = l2->size() - 1;
  invalidate(cache, GetParam().what);
  settle();
  EXPECT_EQ(l2->size(), others);
}

TEST_P(each_scope, a_dry_run_says_what_would_go_and_changes_nothing) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, talk));
  const auto before = cache.at();
  const auto found = run(cache.preview_of(GetParam().what, {}));
  EXPECT_EQ(found.matched_l1, 1u);
  EXPECT_EQ(found.matched_l2, std::size_t{1});
  EXPECT_EQ(found.expected_loads, std::size_t{1});
  EXPECT_EQ(cache.at(), before);
  EXPECT_EQ(get(cache, talk)->from, origin::l1);
}

TEST_F(invalidation_in_one_process, the_position_rises_and_the_receipt_names_it) {
  auto& cache = start();
  const auto first = invalidate(cache, of("cust_1"));
  const auto second = invalidate(cache, of("cust_1"));
  EXPECT_EQ(first.at.epoch, second.at.epoch);
  EXPECT_LT(first.at.sequence, second.at.sequence);
  EXPECT_EQ(cache.at(), second.at);
  EXPECT_EQ(run(cache.explain(support, {})).last_invalidated, second.at);
}

TEST_F(invalidation_in_one_process, a_customer_covers_all_agent_types_and_the_receipt_counts_them) {
  auto& cache = start();
  for (const auto& one : {support, billing, talk}) ASSERT_TRUE(get(cache, one));
  const auto done = invalidate(cache, of("cust_1"));
  EXPECT_EQ(done.matched_l1, 3u);
  EXPECT_EQ(done.unlinked_l2, 2u);  // the conversation follows in the background
  settle();
  EXPECT_EQ(l2->size(), 0u);
}

TEST_F(invalidation_in_one_process, other_scopes_keep_their_entries) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  ASSERT_TRUE(get(cache, talk));
  invalidate(cache, of("cust_1", "support", "conv_1"));
  invalidate(cache, of("cust_1", "billing"));
  invalidate(cache, of("cust_2"));
  EXPECT_EQ(get(cache, support)->from, origin::l1);
}

TEST_F(invalidation_in_one_process, a_sweep_spares_what_was_loaded_after_the_invalidation) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, talk));
  const auto at = invalidate(cache, of("cust_1", "support")).at;
  ASSERT_TRUE(get(cache, talk));
  const std::vector<key> swept{talk};
  EXPECT_EQ(*run(l2->unlink(swept, at, {})), 0u);
  time.advance(31s);
  EXPECT_EQ(get(cache, talk)->from, origin::l2);
}

TEST_F(invalidation_in_one_process, sweeps_again_after_redis_was_away) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, talk));
  l2->fail_with(test::fake_l2::fault::refused);
  invalidate(cache, of("cust_1"));
  settle();
  l2->fail_with(test::fake_l2::fault::none);
  invalidate(cache, of("cust_1"));
  settle();
  EXPECT_EQ(l2->size(), 0u);
}

TEST_F(invalidation_in_one_process, works_while_redis_is_down_and_says_so) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  l2->fail_with(test::fake_l2::fault::down);
  source->truth = version_2;
  const auto done = invalidate(cache, of("cust_1", "support"));
  EXPECT_FALSE(done.l2_reached);
  EXPECT_EQ(get(cache, support)->value->body, version_2);
}

class bad_days : public test::orchestrator_fixture {};

TEST_F(bad_days, redis_down_or_slow_or_corrupt_is_a_miss_and_an_error_counted) {
  using fault = test::fake_l2::fault;
  auto& cache = start();
  std::uint64_t errors = 0;
  for (const auto what : {fault::down, fault::slow}) {
    l2->fail_with(what);
    EXPECT_EQ(get(cache, support)->from, origin::provider);
    time.advance(31s);
    EXPECT_EQ(cache.stats().l2_errors, ++errors);
  }
  l2->fail_with(fault::none);
  ASSERT_TRUE(get(cache, support));
  time.advance(31s);
  l2->fail_with(fault::corrupt);
  EXPECT_EQ(get(cache, support)->from, origin::provider);
  EXPECT_EQ(cache.stats().l2_corrupt, 1u);
}

TEST_F(bad_days, a_full_redis_stores_nothing_and_serves_on) {
  auto& cache = start();
  l2->fail_with(test::fake_l2::fault::full);
  const auto got = get(cache, support);
  EXPECT_TRUE(got->stored);  // in L1
  EXPECT_EQ(cache.stats().l2_errors, 1u);
  EXPECT_EQ(get(cache, support)->from, origin::l1);
}

TEST_F(bad_days, a_failed_load_fails_all_who_wait_and_is_not_kept) {
  auto& cache = start();
  source->held = true;
  source->failure = errc::provider_timeout;
  const auto first = begin_get(cache, support);
  const auto second = begin_get(cache, support);
  source->release();
  settle();
  EXPECT_EQ((**first).error(), errc::provider_timeout);
  EXPECT_EQ((**second).error(), errc::provider_timeout);
  source->failure.reset();
  EXPECT_TRUE(get(cache, support));
}

TEST_F(bad_days, a_dead_provider_is_stood_in_for_by_the_last_valid_value) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  time.advance(301s);
  source->failure = errc::provider_unavailable;
  const auto old = get(cache, support);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->from, origin::stale);
  EXPECT_LT(old->ttl, 0s);
  EXPECT_EQ(cache.stats().stale_served, 1u);
}

TEST_F(bad_days, but_never_by_an_invalidated_one) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  source->failure = errc::provider_unavailable;
  invalidate(cache, of("cust_1"));
  EXPECT_EQ(get(cache, support).error(), errc::provider_unavailable);
}

TEST_F(bad_days, nor_beyond_its_grace_nor_for_a_reader_who_wants_it_fresh) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  time.advance(301s);
  source->failure = errc::provider_unavailable;
  EXPECT_FALSE(get(cache, support, {.no_cache = true}));
  EXPECT_FALSE(get(cache, support, {.max_age = 300s}));
  EXPECT_TRUE(get(cache, support));
  time.advance(600s);
  EXPECT_FALSE(get(cache, support));
}

TEST_F(bad_days, a_source_that_throws_fails_the_read_and_nothing_else) {
  class throwing final : public context_source {
   public:
    boost::asio::awaitable<result<provided_context>> load(key, deadline) override {
      throw std::runtime_error{"planned"};
      co_return errc::internal;
    }
  };
  auto& cache = start({}, {.source = std::make_shared<throwing>(), .time = &time});
  EXPECT_EQ(get(cache, support).error(), errc::internal);
  EXPECT_EQ(cache.loads_running(), 0u);
}

TEST_F(bad_days, after_stop_nothing_new_is_loaded) {
  auto& cache = start();
  run(cache.stop());
  EXPECT_EQ(get(cache, support).error(), errc::shutting_down);
}

}  // namespace
}  // namespace ctxcache
