#include "core/inspector.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "core/local_log.hpp"
#include "core/orchestrator_test_support.hpp"

namespace ctxcache {
namespace {

using namespace std::chrono_literals;

constexpr auto first = R"({"version":1})";
constexpr auto second = R"({"version":2})";

class inspected_reads : public test::orchestrator_fixture {
 protected:
  struct counts {
    std::uint64_t match = 0;
    std::uint64_t inconclusive = 0;
    std::uint64_t unannounced = 0;
    std::uint64_t violation = 0;
    friend bool operator==(const counts&, const counts&) = default;
  };
  static counts of(const orchestrator& cache) {
    const auto now = cache.stats();
    return {now.inspected_match, now.inspected_inconclusive, now.inspected_unannounced,
            now.inspected_violation};
  }
  using orchestrator_fixture::of;
  orchestrator& inspecting(cache_settings settings = {}) {
    settings.inspect = 1;
    return start(settings);
  }
  /// A hit, and its inspection.
  origin hit(orchestrator& cache, const key& wanted) {
    const auto got = get(cache, wanted);
    settle();
    return got->from;
  }
};

TEST_F(inspected_reads, same_context_is_a_match_in_every_tier) {
  auto& cache = inspecting();
  ASSERT_TRUE(get(cache, support));
  settle();
  EXPECT_EQ(of(cache), counts{}) << "what comes from a provider is the truth";
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(of(cache), counts{.match = 1});
  time.advance(31s);
  EXPECT_EQ(hit(cache, support), origin::l2);
  EXPECT_EQ(of(cache), (counts{.match = 2}));
  EXPECT_TRUE(cache.find(support, {}, time.now()));
  settle();
  EXPECT_EQ(of(cache), (counts{.match = 3}));
  const std::vector<key> batch{support, billing};
  const auto answers = run(cache.get_many(batch, {}));
  settle();
  EXPECT_EQ(of(cache), (counts{.match = 4}));
}

TEST_F(inspected_reads, nothing_is_asked_by_default) {
  auto& cache = start();
  ASSERT_TRUE(get(cache, support));
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(source->loads, 1);
  auto settings = cache.settings();
  settings.inspect = 1;
  cache.reconfigure(settings);
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(source->loads, 2);
  EXPECT_EQ(of(cache), counts{.match = 1});
}

TEST_F(inspected_reads, change_that_nobody_announced_is_told_apart_and_changes_nothing) {
  auto& cache = inspecting();
  ASSERT_TRUE(get(cache, support));
  source->truth = second;
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(of(cache), counts{.unannounced = 1});
  EXPECT_EQ(get(cache, support)->value->body, first) << "what was found is kept nowhere";
}

TEST_F(inspected_reads, customer_who_is_gone_is_a_change) {
  auto& cache = inspecting();
  ASSERT_TRUE(get(cache, support));
  source->unknown = true;
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(of(cache), counts{.unannounced = 1});
}

TEST_F(inspected_reads, invalidation_between_read_and_truth_leaves_it_open) {
  auto& cache = inspecting();
  ASSERT_TRUE(get(cache, support));
  source->truth = second;
  source->held = true;
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(of(cache), counts{});
  invalidate(cache, of("cust_1"));
  source->release();
  settle();
  EXPECT_EQ(of(cache), counts{.inconclusive = 1});
}

TEST_F(inspected_reads, parts_that_are_missing_leave_it_open) {
  auto& cache = inspecting();
  ASSERT_TRUE(get(cache, support));
  source->truth = second;
  source->partial = true;
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(of(cache), counts{.inconclusive = 1});
  source->failure = errc::provider_unavailable;
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(of(cache), counts{.inconclusive = 2});
}

TEST_F(inspected_reads, loads_of_readers_go_before_it) {
  auto& cache = inspecting({.max_concurrent_loads = 1});
  ASSERT_TRUE(get(cache, support));
  source->held = true;
  const auto reader = begin_get(cache, billing);
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(source->loads, 2);
  source->release();
  settle();
  EXPECT_EQ(of(cache), counts{}) << "dropped, not put off";
}

TEST_F(inspected_reads, reader_who_comes_meanwhile_shares_its_load) {
  auto& cache = inspecting();
  ASSERT_TRUE(get(cache, support));
  source->held = true;
  EXPECT_EQ(hit(cache, support), origin::l1);
  EXPECT_EQ(source->loads, 2);
  time.advance(301s);
  const auto reader = begin_get(cache, support);
  EXPECT_EQ(source->loads, 2);
  source->release();
  settle();
  ASSERT_TRUE(reader->has_value());
  EXPECT_TRUE(**reader);
  EXPECT_EQ(source->running_max, 1);
}

TEST_F(inspected_reads, at_most_so_many_run_at_a_time) {
  auto& cache = inspecting();
  constexpr int more = static_cast<int>(inspector::at_a_time) + 4;
  const auto of_number = [](int i) { return *key::make({"cust_" + std::to_string(i), "support"}); };
  for (int i = 0; i < more; ++i) ASSERT_TRUE(get(cache, of_number(i)));
  source->held = true;
  for (int i = 0; i < more; ++i) EXPECT_EQ(hit(cache, of_number(i)), origin::l1);
  EXPECT_EQ(source->waiting(), inspector::at_a_time);
  source->release();
  settle();
  EXPECT_EQ(of(cache), counts{.match = inspector::at_a_time});
}

TEST_F(inspected_reads, fraction_of_the_hits_is_chosen) {
  auto& cache = start({.inspect = 0.25});
  ASSERT_TRUE(get(cache, support));
  for (int i = 0; i < 4'000; ++i) EXPECT_EQ(hit(cache, support), origin::l1);
  // 1,000 ± 27; eight deviations are allowed.
  EXPECT_NEAR(static_cast<double>(of(cache).match), 1'000, 220);
}

// What must never happen cannot be had from an orchestrator: the inspector is handed hits that no reader
// should have had.
class inspected_defects : public testing::Test {
 protected:
  void TearDown() override {
    background.close();
    settle();
  }
  void settle() {
    loop.restart();
    loop.poll();
  }
  entry_ptr loaded() {
    auto made = std::make_shared<entry>();
    made->body = first;
    made->stamp = shared.table().current();
    made->loaded_at = time.now();
    made->expires_at = time.now() + 300s;
    made->own = true;
    return made;
  }
  void invalidate(scope what) { test::run_coroutine(loop, log.publish({.what = std::move(what)}, {})); }
  inspector::beginning now() { return {shared.table().current(), time.now()}; }
  void inspect(const entry_ptr& value, inspector::beginning began) {
    watching.inspect(lane, wanted, {.value = value, .from = origin::l1}, began);
    settle();
  }

  boost::asio::io_context loop{1};
  test::manual_clock time;
  test::fake_source source{&time};
  tiers shared{{.inspect = 1}, time, local_log::start(time.now()), {}};
  local_log log{shared};
  gate background;
  loader loads{shared, source, log, background, boot_clock::duration::max()};
  lane_state lane{loop.get_executor(), std::make_unique<test::fake_l2>(time), {}};
  inspector watching{shared, source, loads, background};
  const key wanted = *key::make({"cust_1", "support"});
};

TEST_F(inspected_defects, what_was_invalidated_before_the_read_is_a_violation) {
  const auto old = loaded();
  time.advance(1s);
  invalidate(*scope::of("cust_1", std::nullopt, std::nullopt));
  inspect(old, now());
  EXPECT_EQ(shared.stats().inspected_match, 1u) << "nobody can tell while nothing has changed";
  source.truth = second;
  inspect(old, now());
  EXPECT_EQ(shared.stats().inspected_violation, 1u);
}

TEST_F(inspected_defects, what_was_invalidated_after_the_read_began_is_none) {
  source.truth = second;
  const auto old = loaded();
  const auto began = now();
  time.advance(1s);
  invalidate(*scope::of("cust_1", std::nullopt, std::nullopt));
  inspect(old, began);
  EXPECT_EQ(shared.stats().inspected_violation, 0u);
  EXPECT_EQ(shared.stats().inspected_inconclusive, 1u);
}

TEST_F(inspected_defects, what_a_joining_forbids_after_the_read_is_none) {
  source.truth = second;
  const auto old = loaded();
  time.advance(1s);
  invalidate(*scope::of("cust_2", std::nullopt, std::nullopt));
  const auto began = now();
  shared.table().restart(began.at, began.at.sequence, {}, shared.hash());
  inspect(old, began);
  EXPECT_EQ(shared.stats().inspected_violation, 0u);
  EXPECT_EQ(shared.stats().inspected_inconclusive, 1u);
}

TEST_F(inspected_defects, invalidation_of_others_is_none) {
  source.truth = second;
  const auto old = loaded();
  time.advance(1s);
  invalidate(*scope::of("cust_2", std::nullopt, std::nullopt));
  inspect(old, now());
  EXPECT_EQ(shared.stats().inspected_unannounced, 1u);
}

TEST_F(inspected_defects, what_outlived_its_ttl_is_a_violation) {
  source.truth = second;
  const auto old = loaded();
  time.advance(300s);
  inspect(old, now());
  EXPECT_EQ(shared.stats().inspected_violation, 1u);
}

TEST_F(inspected_defects, another_epoch_is_a_violation_unless_it_began_meanwhile) {
  source.truth = second;
  const auto old = loaded();
  const auto began = now();
  shared.table().restart({began.at.epoch + 1, 5}, 0, {}, shared.hash());
  inspect(old, began);
  EXPECT_EQ(shared.stats().inspected_inconclusive, 1u);
  inspect(old, now());
  EXPECT_EQ(shared.stats().inspected_violation, 1u);
}

TEST_F(inspected_defects, without_a_licence_nothing_can_be_said) {
  source.truth = second;
  const auto old = loaded();
  shared.table().license(time.now());
  inspect(old, now());
  EXPECT_EQ(shared.stats().inspected_inconclusive, 1u);
}

}  // namespace
}  // namespace ctxcache
