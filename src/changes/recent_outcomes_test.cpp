#include "changes/recent_outcomes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "support/manual_clock.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::changes {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using numbers = std::vector<std::uint64_t>;

class outcomes : public testing::Test {
 protected:
  void note(int count) {
    for (int i = 0; i < count; ++i) std::ignore = recent.note({.type = "t"});
  }
  static numbers numbers_of(const std::vector<outcome>& list) {
    numbers out;
    for (const auto& one : list) out.push_back(one.number);
    return out;
  }
  numbers read(std::optional<std::uint64_t> after, std::size_t most) {
    return numbers_of(ctxcache::test::run_coroutine(loop, recent.read_when(after, most, {time.now()})));
  }
  std::shared_ptr<std::optional<numbers>> follow(std::uint64_t after, deadline until) {
    auto out = std::make_shared<std::optional<numbers>>();
    boost::asio::co_spawn(
        loop, recent.read_when(after, 10, until),
        [out](std::exception_ptr, const std::vector<outcome>& got) { *out = numbers_of(got); });
    settle();
    return out;
  }
  void settle() {
    loop.restart();
    loop.poll();
  }

  boost::asio::io_context loop{1};
  ctxcache::test::manual_clock time;
  recent_outcomes recent{loop.get_executor(), time};
};

TEST_F(outcomes, are_numbered_and_dated) {
  const auto first = recent.note({.type = "t"});
  EXPECT_EQ(first.number, 1u);
  EXPECT_EQ(first.at, time.wall());
  EXPECT_EQ(recent.note({.type = "t"}).number, 2u);
}

TEST_F(outcomes, are_read_from_the_newest) {
  EXPECT_THAT(read({}, 10), ElementsAre());
  note(5);
  EXPECT_THAT(read({}, 2), ElementsAre(4, 5));
  EXPECT_THAT(read({}, 10), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(outcomes, are_followed_from_the_oldest_unread) {
  note(5);
  EXPECT_THAT(read(0, 2), ElementsAre(1, 2));
  EXPECT_THAT(read(2, 2), ElementsAre(3, 4));
  EXPECT_THAT(read(4, 2), ElementsAre(5));
  EXPECT_THAT(read(5, 2), ElementsAre());
}

TEST_F(outcomes, are_read_from_the_first_by_a_number_of_an_earlier_start) {
  note(2);
  EXPECT_THAT(read(7, 10), ElementsAre(1, 2));
}

TEST_F(outcomes, are_kept_up_to_a_limit) {
  note(static_cast<int>(recent_outcomes::kept_max) + 3);
  const auto all = read(0, 10'000);
  EXPECT_EQ(all.size(), recent_outcomes::kept_max);
  EXPECT_EQ(all.front(), 4u);
  EXPECT_THAT(read(1, 1), ElementsAre(4));
}

TEST_F(outcomes, are_waited_for) {
  note(1);
  const auto reader = follow(1, {});
  EXPECT_FALSE(*reader);
  note(1);
  settle();
  ASSERT_TRUE(*reader);
  EXPECT_THAT(**reader, ElementsAre(2));
}

TEST_F(outcomes, are_waited_for_until_the_deadline) {
  const auto reader = follow(0, {time.now() + 1ms});
  while (!*reader) loop.run_one();
  EXPECT_THAT(**reader, ElementsAre());
}

TEST_F(outcomes, are_waited_for_no_longer_at_the_end) {
  const auto reader = follow(0, {});
  recent.stop();
  settle();
  ASSERT_TRUE(*reader);
  EXPECT_THAT(read(0, 1), ElementsAre());
}

TEST_F(outcomes, are_kept_with_short_texts) {
  const auto noted = recent.note({.type = std::string(1'000, 't')});
  EXPECT_EQ(noted.type.size(), 1'000u);
  const auto kept = ctxcache::test::run_coroutine(loop, recent.read_when(0, 1, {}));
  EXPECT_EQ(kept.at(0).type.size(), 256u);
}

}  // namespace
}  // namespace ctxcache::changes
