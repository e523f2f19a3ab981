#include "coherence/position_history.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace ctxcache::coherence {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t epoch = 7;
constexpr time_point begin{1'000s};

TEST(position_history, knows_nothing_before_its_first_note) {
  position_history past;
  EXPECT_EQ(past.applied_by(begin, epoch), std::nullopt);
  past.note({epoch, 5}, begin);
  EXPECT_EQ(past.applied_by(begin - 1ns, epoch), std::nullopt);
  EXPECT_EQ(past.applied_by(begin, epoch), 5u);
}

TEST(position_history, answers_with_the_last_note_before) {
  position_history past;
  past.note({epoch, 5}, begin);
  past.note({epoch, 6}, begin + 1s);
  past.note({epoch, 9}, begin + 2s);
  EXPECT_EQ(past.applied_by(begin + 999ms, epoch), 5u);
  EXPECT_EQ(past.applied_by(begin + 1s, epoch), 6u);
  EXPECT_EQ(past.applied_by(begin + 1h, epoch), 9u);
}

TEST(position_history, keeps_the_earliest_time_of_a_position) {
  position_history past;
  past.note({epoch, 5}, begin);
  past.note({epoch, 5}, begin + 1s);
  EXPECT_EQ(past.applied_by(begin + 500ms, epoch), 5u);
}

TEST(position_history, ignores_what_it_is_told_too_soon) {
  position_history past;
  past.note({epoch, 5}, begin);
  past.note({epoch, 6}, begin + position_history::apart - 1ns);
  EXPECT_EQ(past.applied_by(begin + 1s, epoch), 5u);
  past.note({epoch, 7}, begin + position_history::apart);
  EXPECT_EQ(past.applied_by(begin + 1s, epoch), 7u);
}

TEST(position_history, takes_another_epoch_however_soon_it_comes) {
  position_history past;
  past.note({epoch, 5}, begin);
  past.note({epoch + 1, 6}, begin);
  EXPECT_EQ(past.applied_by(begin, epoch + 1), 6u);
}

TEST(position_history, says_nothing_of_another_epoch) {
  position_history past;
  past.note({epoch, 500}, begin);
  past.note({epoch + 1, 2}, begin + 1s);
  EXPECT_EQ(past.applied_by(begin + 500ms, epoch + 1), std::nullopt);
  EXPECT_EQ(past.applied_by(begin + 1s, epoch + 1), 2u);
  EXPECT_EQ(past.applied_by(begin + 1s, epoch), std::nullopt);
}

TEST(position_history, reaches_back_for_a_minute_however_often_it_is_told) {
  position_history past;
  const auto end = begin + 10min;
  std::uint64_t sequence = 0;
  for (auto now = begin; now <= end; now += 1ms) past.note({epoch, ++sequence}, now);
  EXPECT_TRUE(past.applied_by(end - 1min, epoch));
}

TEST(position_history, never_answers_more_than_had_been_applied) {
  const bool holds = rc::check("by a time, no more than was told by then", [] {
    position_history past;
    std::vector<std::uint64_t> applied;  // by millisecond
    std::uint64_t sequence = 0;
    for (int now = 0; now < 300; ++now) {
      sequence += *rc::gen::inRange<std::uint64_t>(0, 3);
      applied.push_back(sequence);
      if (*rc::gen::arbitrary<bool>()) past.note({epoch, sequence}, begin + std::chrono::milliseconds{now});
    }
    const auto then = *rc::gen::inRange(0, 300);
    RC_ASSERT(past.applied_by(begin + std::chrono::milliseconds{then}, epoch).value_or(0) <=
              applied[static_cast<std::size_t>(then)]);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace ctxcache::coherence
