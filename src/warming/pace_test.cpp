#include "warming/pace.hpp"

#include <gtest/gtest.h>

namespace ctxcache::warming {
namespace {

using namespace std::chrono_literals;

const time_point start{1'000s};

pace::budget at_most(std::size_t concurrency, double loads_per_second = 0) {
  return {.concurrency = concurrency, .loads_per_second = loads_per_second};
}

// Loads as fast as it may for that long, each of them at once: how many.
std::size_t loads_within(pace& subject, time_point from, boot_clock::duration time) {
  std::size_t loads = 0;
  for (auto now = subject.next(from, 0); now <= from + time; now = subject.next(now, 0)) {
    subject.began(now);
    subject.ended(now, false);
    ++loads;
  }
  return loads;
}

void fail(pace& subject, int times, time_point now = start) {
  for (int i = 0; i < times; ++i) subject.ended(now, true);
}

TEST(pace, lets_as_many_run_as_were_ordered) {
  const pace subject{at_most(3), start};
  EXPECT_EQ(subject.next(start, 2), start);
  EXPECT_EQ(subject.next(start, 3), time_point::max());
}

TEST(pace, loads_no_more_a_second_than_was_ordered) {
  pace subject{at_most(1, 50), start};
  EXPECT_EQ(loads_within(subject, start, 0s), 5U) << "a tenth of a second's loads at once";
  EXPECT_EQ(loads_within(subject, start, 10s + 1ms), 500U);
}

TEST(pace, loads_less_than_once_a_second) {
  pace subject{at_most(1, 0.5), start};
  EXPECT_EQ(loads_within(subject, start, 0s), 1U);
  EXPECT_EQ(loads_within(subject, start, 2s - 1ms), 0U);
  EXPECT_EQ(loads_within(subject, start + 2s - 1ms, 2ms), 1U);
}

TEST(pace, does_not_make_up_for_a_long_wait) {
  pace subject{at_most(1, 50), start};
  EXPECT_EQ(loads_within(subject, start + 1h, 0s), 5U);
}

TEST(pace, halves_while_live_reads_are_slow_and_never_stops) {
  pace subject{at_most(16), start};
  subject.judge(0ms, {});
  for (const std::size_t expected : {8, 4, 2, 1, 1}) {
    subject.judge(51ms, {});
    EXPECT_EQ(subject.concurrency(), expected);
  }
  EXPECT_FALSE(subject.paused());
}

TEST(pace, grows_again_by_a_sixteenth_up_to_what_was_ordered) {
  pace subject{at_most(64), start};
  subject.judge(0ms, {});
  subject.judge(51ms, {});
  for (const std::size_t expected : {36, 40, 44, 48, 52, 56, 60, 64, 64}) {
    subject.judge(50ms, {});
    EXPECT_EQ(subject.concurrency(), expected);
  }
}

TEST(pace, takes_for_slow_what_is_over_a_quarter_more_than_before) {
  for (const std::chrono::microseconds before : {2'000us, 100'000us}) {
    pace subject{{.concurrency = 4, .slow_above = 50ms, .p99_before = before}, start};
    subject.judge(0ms, {});
    subject.judge(before * 5 / 4, {});
    EXPECT_EQ(subject.concurrency(), 4U) << before.count();
    subject.judge(before * 5 / 4 + 1us, {});
    EXPECT_EQ(subject.concurrency(), 2U) << before.count();
  }
}

TEST(pace, takes_for_slow_nothing_that_nobody_notices) {
  pace subject{{.concurrency = 4, .p99_before = 100us}, start};
  subject.judge(0ms, {});
  subject.judge(500us, {});
  EXPECT_EQ(subject.concurrency(), 4U);
  subject.judge(501us, {});
  EXPECT_EQ(subject.concurrency(), 2U);
}

TEST(pace, begins_slowly_where_others_read) {
  pace subject{{.concurrency = 32, .p99_before = 2ms, .others_read = true}, start};
  EXPECT_EQ(subject.concurrency(), 4U);
  subject.judge(2ms, {});
  subject.judge(2ms, {});
  EXPECT_EQ(subject.concurrency(), 6U);
  EXPECT_EQ((pace{{.concurrency = 3, .others_read = true}, start}.concurrency()), 1U);
}

TEST(pace, halves_when_more_than_one_load_in_twenty_fails) {
  pace subject{at_most(8), start};
  subject.judge(0ms, {.loads = 1'000, .errors = 500});
  EXPECT_EQ(subject.concurrency(), 8U) << "what was before does not count";
  subject.judge(0ms, {.loads = 1'040, .errors = 502});
  EXPECT_EQ(subject.concurrency(), 8U) << "exactly one in twenty";
  subject.judge(0ms, {.loads = 1'079, .errors = 504});
  EXPECT_EQ(subject.concurrency(), 4U);
  subject.judge(0ms, {.loads = 1'080, .errors = 505});
  EXPECT_EQ(subject.concurrency(), 5U) << "a single error says nothing";
}

TEST(pace, pauses_when_half_of_the_last_loads_have_failed) {
  pace subject{at_most(8), start};
  for (int i = 0; i < 9; ++i) {
    subject.ended(start, true);
    subject.ended(start, false);
  }
  EXPECT_FALSE(subject.paused());
  subject.ended(start, true);
  EXPECT_TRUE(subject.paused());
  EXPECT_EQ(subject.paused_since(), start);
  EXPECT_EQ(subject.next(start, 0), start + 1s);
}

TEST(pace, forgets_failures_after_twenty_loads) {
  pace subject{at_most(8), start};
  fail(subject, 9);
  for (int i = 0; i < 20; ++i) subject.ended(start, false);
  fail(subject, 9);
  EXPECT_FALSE(subject.paused());
}

TEST(pace, tries_one_load_after_a_pause_and_waits_longer_each_time_it_fails) {
  pace subject{at_most(8), start};
  fail(subject, 10);
  auto now = start;
  for (const auto wait : {1s, 2s, 4s, 8s, 10s, 10s}) {
    EXPECT_EQ(subject.next(now, 0), now + wait);
    now += wait;
    EXPECT_EQ(subject.next(now, 0), now);
    EXPECT_EQ(subject.next(now, 1), time_point::max()) << "one at a time";
    subject.ended(now, true);
  }
  EXPECT_EQ(subject.paused_since(), start);
}

TEST(pace, counts_what_ran_when_it_paused_for_nothing) {
  pace subject{at_most(8), start};
  fail(subject, 10);
  fail(subject, 7, start + 999ms);
  EXPECT_EQ(subject.next(start, 0), start + 1s);
}

TEST(pace, goes_on_slowly_when_a_load_succeeds) {
  pace subject{at_most(32), start};
  subject.judge(0ms, {});
  fail(subject, 10);
  subject.judge(0ms, {});
  EXPECT_EQ(subject.concurrency(), 1U) << "does not grow while it is paused";
  subject.ended(start + 1s, false);
  EXPECT_FALSE(subject.paused());
  EXPECT_EQ(subject.next(start + 1s, 0), start + 1s);
  EXPECT_EQ(subject.next(start + 1s, 1), time_point::max());
  subject.judge(0ms, {});
  EXPECT_EQ(subject.concurrency(), 3U);
  fail(subject, 9, start + 2s);
  EXPECT_FALSE(subject.paused()) << "failures of before are forgotten";
  fail(subject, 1, start + 2s);
  EXPECT_EQ(subject.next(start + 2s, 0), start + 3s) << "and pauses are short again";
}

}  // namespace
}  // namespace ctxcache::warming
