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
  EXPECT_EQ(f.recent.p99(), 0ms);
  f.time.advance(1s);
  EXPECT_EQ(f.recent.p99(), 0ms);
}

TEST(recent_latency, counts_from_the_first_look_on) {
  fixture f;
  f.answer(1'000, 2s);
  EXPECT_EQ(f.recent.p99(), 0ms);
  f.answer(1'000, 4ms);
  f.time.advance(1s);
  EXPECT_EQ(f.recent.p99(), 5ms);
}

TEST(recent_latency, forgets_what_is_over_three_seconds_old) {
  fixture f;
  static_cast<void>(f.recent.p99());
  f.answer(100, 90ms);
  for (int second = 1; second <= 2; ++second) {
    f.time.advance(1s);
    EXPECT_EQ(f.recent.p99(), 100ms) << second;
  }
  f.time.advance(1s);
  f.answer(100, 4ms);
  EXPECT_EQ(f.recent.p99(), 5ms);
}

TEST(recent_latency, takes_the_one_in_a_hundred) {
  fixture f;
  static_cast<void>(f.recent.p99());
  f.answer(990, 800us);
  f.answer(10, 200ms);
  EXPECT_EQ(f.recent.p99(), 1ms);
  f.answer(10, 200ms);
  EXPECT_EQ(f.recent.p99(), 250ms);
}

}  // namespace
}  // namespace ctxcache::warming
