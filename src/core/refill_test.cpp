// What happens to reads that need more loads than may run at a time, most of all after everything was
// invalidated.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/load_budget.hpp"
#include "core/orchestrator_test_support.hpp"

namespace ctxcache {
namespace {

using namespace std::chrono_literals;

class refill : public test::orchestrator_fixture {
 protected:
  using reader = std::shared_ptr<std::optional<result<lookup>>>;

  static key of_customer(int number) { return *key::make({"cust_" + std::to_string(number), "support"}); }
};

TEST_F(refill, load_over_the_budget_waits_for_one_that_ends) {
  auto& cache = start({.max_concurrent_loads = 1});
  source->held = true;
  const auto first = begin_get(cache, support);
  const auto second = begin_get(cache, billing);
  EXPECT_EQ(source->loads, 1);
  EXPECT_EQ(cache.loads_running(), 1u);
  EXPECT_EQ(cache.loads_waiting(), 1u);
  source->release();
  settle();
  EXPECT_TRUE(**first);
  EXPECT_TRUE(**second);
  EXPECT_EQ(cache.loads_running(), 0u);
}

TEST_F(refill, key_with_the_most_readers_comes_first) {
  auto& cache = start({.max_concurrent_loads = 1});
  source->held = true;
  const auto first = begin_get(cache, of_customer(1));
  const auto cold = begin_get(cache, of_customer(2));
  const auto hot = begin_get(cache, of_customer(3));
  const auto as_hot = begin_get(cache, of_customer(3));
  source->step();
  settle();
  EXPECT_TRUE(first->has_value());
  EXPECT_FALSE(hot->has_value());
  EXPECT_EQ(source->loads, 2);
  source->step();
  settle();
  EXPECT_TRUE(hot->has_value() && as_hot->has_value());
  EXPECT_FALSE(cold->has_value());
}

TEST_F(refill, reader_whose_time_ends_in_line_hears_that_there_is_too_much_to_do) {
  auto& cache = start({.max_concurrent_loads = 1});
  source->held = true;
  const auto first = begin_get(cache, support);
  const auto patient = begin_get(cache, billing);
  const auto hurried = begin_get(cache, billing, {.until = {time.now()}});
  loop.restart();
  while (!hurried->has_value()) loop.run_one();
  EXPECT_EQ((*hurried)->error(), errc::overloaded);
  const auto alone = begin_get(cache, talk, {.until = {time.now()}, .no_store = true});
  loop.restart();
  while (!alone->has_value()) loop.run_one();
  EXPECT_EQ((*alone)->error(), errc::overloaded);
  source->release();
  settle();
  EXPECT_TRUE(**patient);
}

TEST_F(refill, reader_whose_time_ends_in_a_load_hears_that_it_ended) {
  auto& cache = start({.max_concurrent_loads = 1});
  source->held = true;
  const auto hurried = begin_get(cache, support, {.until = {time.now()}});
  loop.restart();
  while (!hurried->has_value()) loop.run_one();
  EXPECT_EQ((*hurried)->error(), errc::deadline_exceeded);
}

TEST_F(refill, full_line_is_refused) {
  auto& cache = start({.max_concurrent_loads = 1});
  source->held = true;
  std::vector<reader> readers;
  for (int i = 0; i <= static_cast<int>(load_budget::line_per_slot); ++i) {
    readers.push_back(begin_get(cache, of_customer(i)));
  }
  EXPECT_EQ(get(cache, of_customer(1'000)).error(), errc::overloaded);
  source->release();
  settle();
  for (const auto& one : readers) EXPECT_TRUE(one->has_value() && **one);
}

TEST_F(refill, what_waits_in_line_is_stamped_when_it_is_asked_for) {
  auto& cache = start({.max_concurrent_loads = 1});
  source->held = true;
  const auto first = begin_get(cache, billing);
  const auto second = begin_get(cache, support);
  source->truth = R"({"version":2})";
  invalidate(cache, of("cust_1"));
  source->release();
  settle();
  EXPECT_TRUE(**second);
  const auto again = get(cache, support);
  EXPECT_EQ(again->from, origin::l1);
  EXPECT_EQ(again->value->body, R"({"version":2})");
}

TEST_F(refill, stop_sends_away_what_waits_in_line) {
  auto& cache = start({.max_concurrent_loads = 1});
  source->held = true;
  const auto hurried = begin_get(cache, support, {.until = {time.now()}});
  const auto left = begin_get(cache, billing, {.until = {time.now()}});
  loop.restart();
  while (!hurried->has_value() || !left->has_value()) loop.run_one();
  EXPECT_EQ(cache.loads_waiting(), 1u);
  source->release();
  run(cache.stop());
  EXPECT_EQ(cache.loads_waiting(), 0u);
  EXPECT_EQ(cache.loads_running(), 0u);
  made.clear();
}

TEST_F(refill, new_budget_holds_at_once) {
  auto& cache = start({.max_concurrent_loads = 1});
  source->held = true;
  const auto first = begin_get(cache, support);
  const auto second = begin_get(cache, billing);
  EXPECT_EQ(source->loads, 1);
  auto settings = cache.settings();
  settings.max_concurrent_loads = 2;
  cache.reconfigure(settings);
  settle();
  EXPECT_EQ(source->loads, 2);
}

class throwing_source final : public context_source {
 public:
  boost::asio::awaitable<result<provided_context>> load(key, deadline) override {
    if (std::exchange(throws_, false)) throw std::runtime_error{"planned"};
    co_return provided_context{.body = "{}"};
  }

 private:
  bool throws_ = true;
};

TEST_F(refill, source_that_throws_costs_no_place) {
  auto& cache =
      start({.max_concurrent_loads = 1}, {.source = std::make_shared<throwing_source>(), .time = &time});
  EXPECT_EQ(get(cache, support).error(), errc::internal);
  EXPECT_EQ(cache.loads_running(), 0u);
  EXPECT_TRUE(get(cache, support));
}

TEST_F(refill, after_all_is_invalidated_the_source_sees_no_more_than_the_budget) {
  constexpr int hot_keys = 200;
  constexpr int readers_each = 3;
  constexpr int budget = 16;
  auto& cache = start({.max_concurrent_loads = budget});
  for (int i = 0; i < hot_keys; ++i) ASSERT_TRUE(get(cache, of_customer(i)));
  source->running_max = 0;
  source->loads = 0;
  source->truth = R"({"version":2})";
  invalidate(cache, scope::everything());

  source->held = true;
  std::vector<reader> readers;
  for (int round = 0; round < readers_each; ++round) {
    for (int i = 0; i < hot_keys; ++i) readers.push_back(begin_get(cache, of_customer(i)));
  }
  EXPECT_EQ(cache.loads_waiting(), static_cast<std::size_t>(hot_keys - budget));
  while (source->waiting() != 0) {
    source->step();
    settle();
  }
  for (const auto& one : readers) {
    ASSERT_TRUE(one->has_value());
    ASSERT_TRUE(**one);
    EXPECT_EQ((**one)->value->body, R"({"version":2})");
  }
  EXPECT_EQ(source->running_max, budget);
  EXPECT_EQ(source->loads, hot_keys);
}

}  // namespace
}  // namespace ctxcache
