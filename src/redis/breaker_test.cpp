#include "redis/breaker.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "support/manual_clock.hpp"

namespace ctxcache::redis {
namespace {

using std::chrono::milliseconds;
using outcome = breaker::outcome;
using state = breaker::state;

struct breaker_test : testing::Test {
  test::manual_clock clock;
  breaker circuit;  // 5 failures, 1 s to 10 s

  void call(outcome what) {
    ASSERT_TRUE(circuit.admit(clock.now()));
    circuit.record(what, clock.now());
  }
  void open() {
    for (int i = 0; i < 5; ++i) call(outcome::failure);
    ASSERT_EQ(circuit.now(), state::open);
  }
  bool admits_after(milliseconds pause) {
    clock.advance(pause);
    return circuit.admit(clock.now());
  }
};

TEST_F(breaker_test, opens_after_five_failures_in_a_row) {
  for (int i = 0; i < 4; ++i) call(outcome::failure);
  EXPECT_EQ(circuit.now(), state::closed);
  call(outcome::failure);
  EXPECT_EQ(circuit.now(), state::open);
  EXPECT_FALSE(circuit.admit(clock.now()));
}

TEST_F(breaker_test, a_success_starts_the_count_again) {
  for (int i = 0; i < 4; ++i) call(outcome::failure);
  call(outcome::success);
  for (int i = 0; i < 4; ++i) call(outcome::failure);
  EXPECT_EQ(circuit.now(), state::closed);
}

TEST_F(breaker_test, what_did_not_reach_the_server_counts_as_nothing) {
  for (int i = 0; i < 4; ++i) call(outcome::failure);
  for (int i = 0; i < 10; ++i) call(outcome::neither);
  EXPECT_EQ(circuit.now(), state::closed);
  call(outcome::failure);
  EXPECT_EQ(circuit.now(), state::open);
}

TEST_F(breaker_test, lets_one_probe_through_when_its_time_is_over) {
  open();
  EXPECT_FALSE(admits_after(milliseconds{999}));
  EXPECT_TRUE(admits_after(milliseconds{1}));
  EXPECT_EQ(circuit.now(), state::half_open);
  EXPECT_FALSE(circuit.admit(clock.now()));
  circuit.record(outcome::success, clock.now());
  EXPECT_EQ(circuit.now(), state::closed);
  EXPECT_TRUE(circuit.admit(clock.now()));
}

TEST_F(breaker_test, stays_open_twice_as_long_after_each_failed_probe_up_to_the_most) {
  open();
  ASSERT_TRUE(admits_after(milliseconds{1'000}));
  for (const int next : {2'000, 4'000, 8'000, 10'000, 10'000}) {
    circuit.record(outcome::failure, clock.now());
    EXPECT_FALSE(admits_after(milliseconds{next - 1})) << next;
    EXPECT_TRUE(admits_after(milliseconds{1})) << next;
  }
  circuit.record(outcome::success, clock.now());
  open();  // and begins with the least again
  EXPECT_TRUE(admits_after(milliseconds{1'000}));
}

TEST_F(breaker_test, a_probe_that_did_not_reach_the_server_makes_room_for_another) {
  open();
  ASSERT_TRUE(admits_after(milliseconds{1'000}));
  circuit.record(outcome::neither, clock.now());
  EXPECT_TRUE(circuit.admit(clock.now()));
  EXPECT_FALSE(circuit.admit(clock.now()));
}

TEST_F(breaker_test, a_probe_without_an_outcome_is_given_up_in_time) {
  open();
  ASSERT_TRUE(admits_after(milliseconds{1'000}));
  EXPECT_FALSE(admits_after(milliseconds{999}));
  EXPECT_TRUE(admits_after(milliseconds{1}));
}

TEST_F(breaker_test, calls_from_before_it_opened_change_nothing) {
  ASSERT_TRUE(circuit.admit(clock.now()));
  ASSERT_TRUE(circuit.admit(clock.now()));
  open();
  circuit.record(outcome::success, clock.now());
  EXPECT_EQ(circuit.now(), state::open);
  clock.advance(milliseconds{500});
  circuit.record(outcome::failure, clock.now());
  EXPECT_TRUE(admits_after(milliseconds{500}));
}

}  // namespace
}  // namespace ctxcache::redis
