#include "base/counters.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ctxcache {
namespace {

using namespace std::chrono_literals;

enum class fruit : std::size_t { apple, pear, count };

TEST(counters, add_up_over_threads) {
  counters<fruit> counted;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < thread_shards + 2; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) counted.add(fruit::apple);
      counted.add(fruit::pear, 5);
    });
  }
  for (auto& one : threads) one.join();
  EXPECT_EQ(counted.total(fruit::apple), 1000 * (thread_shards + 2));
  EXPECT_EQ(counted.total(fruit::pear), 5 * (thread_shards + 2));
}

TEST(histogram, a_bound_belongs_to_its_bucket_and_what_is_above_to_the_next) {
  histogram times;
  times.record(50us);
  times.record(50us + 1ns);
  times.record(11s);
  const auto seen = times.read();
  EXPECT_EQ(seen.buckets[0], 1u);
  EXPECT_EQ(seen.buckets[1], 1u);
  EXPECT_EQ(seen.buckets.back(), 1u);
  EXPECT_EQ(seen.count, 3u);
  EXPECT_NEAR(seen.sum_seconds, 11.0001, 1e-6);
}

TEST(histogram, takes_durations_to_be_spread_evenly_in_their_bucket) {
  histogram times;
  EXPECT_EQ(times.read().quantile(0.99), 0.0);
  for (int i = 0; i < 98; ++i) times.record(80us);
  times.record(3ms);
  times.record(3ms);
  EXPECT_NEAR(times.read().quantile(0), 50e-6, 1e-9);
  EXPECT_NEAR(times.read().quantile(0.49), 75e-6, 1e-9) << "half of those in (50 µs, 100 µs]";
  EXPECT_NEAR(times.read().quantile(0.98), 100e-6, 1e-9);
  EXPECT_NEAR(times.read().quantile(0.99), 3.75e-3, 1e-9);
  EXPECT_NEAR(times.read().quantile(1), 5e-3, 1e-9);
}

TEST(histogram, knows_of_nothing_longer_than_its_last_bound) {
  histogram times;
  times.record(11s);
  EXPECT_EQ(times.read().quantile(0.5), 10.0);
}

}  // namespace
}  // namespace ctxcache
