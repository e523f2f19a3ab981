#include "warming/recent_latency.hpp"

#include <gtest/gtest.h>

#include "base/counters.hpp"
#include "support/manual_clock.hpp"

namespace ctxcache::warming {
namespace {

using namespace std::chrono_literals;

struct fixture {
  test::manual_clock time;
  histogram reads;
  recent_latency recent{[this] { return reads.read(); }, time};

  void answer(int times, std::chrono::nanoseconds took) {
    for (int i = 0; i < times; ++i) reads.record(took);
  }
};

TEST(recent_latency, is_nothing_while_nobody_asks) {
  fixture f;
  EXPECT_EQ(f.recent.p99(2s), 0us);
  f.time.advance(1s);
  EXPECT_EQ(f.recent.p99(2s), 0us);
}

TEST(recent_latency, counts_from_the_first_look_on) {
  fixture f;
  f.answer(1'000, 2s);
  EXPECT_EQ(f.recent.p99(2s), 0us);
  f.answer(1'000, 4ms);
  f.time.advance(1s);
  EXPECT_EQ(f.recent.p99(2s), 4'975us);
}

TEST(recent_latency, forgets_what_is_older_than_it_is_asked_for) {
  fixture f;
  static_cast<void>(f.recent.p99(2s));
  f.answer(100, 90ms);
  for (int second = 1; second <= 2; ++second) {
    f.time.advance(1s);
    EXPECT_GT(f.recent.p99(2s), 90ms) << second;
  }
  f.answer(100, 4ms);
  for (int second = 3; second <= 60; ++second) {
    f.time.advance(1s);
    EXPECT_EQ(f.recent.p99(2s), second <= 4 ? 4'975us : 0us) << second;
    EXPECT_GT(f.recent.p99(60s), 90ms) << second;
  }
  f.time.advance(2s);
  EXPECT_EQ(f.recent.p99(60s), 4'975us);
  f.time.advance(2s);
  EXPECT_EQ(f.recent.p99(60s), 0us);
}

TEST(recent_latency, takes_the_one_in_a_hundred) {
  fixture f;
  static_cast<void>(f.recent.p99(2s));
  f.answer(990, 800us);
  f.answer(10, 200ms);
  EXPECT_EQ(f.recent.p99(2s), 1ms);
  f.answer(10, 200ms);
  EXPECT_GT(f.recent.p99(2s), 100ms);
}

}  // namespace
}  // namespace ctxcache::warming
