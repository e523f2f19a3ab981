#include "core/applied_messages.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/child_process.hpp"
#include "support/manual_clock.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache {
namespace {

using namespace std::chrono_literals;
using by = applied_messages::by;
using numbers = std::vector<std::uint64_t>;

constexpr std::uint64_t epoch = 7;
constexpr std::uint64_t next_epoch = 3;  // epochs are random: a later one may be a lower number

class applied : public testing::Test {
 protected:
  static log_message message(std::uint64_t sequence, std::uint64_t in = epoch) {
    return {{in, sequence}, {.reason = std::to_string(sequence)}};
  }
  static std::vector<log_message> messages(std::uint64_t first, std::uint64_t last,
                                           std::uint64_t in = epoch) {
    std::vector<log_message> made;
    for (auto n = first; n <= last; ++n) made.push_back(message(n, in));
    return made;
  }
  void take(std::uint64_t first, std::uint64_t last, std::uint64_t in = epoch) {
    subject.take(messages(first, last, in), {in, last}, by::tail);
  }
  static numbers of(const applied_page& page) {
    numbers found;
    for (const auto& one : page.messages) found.push_back(one.message.at.sequence);
    return found;
  }
  numbers behind(std::uint64_t sequence, std::uint64_t in = epoch, std::size_t most = 10) const {
    return of(subject.read(position{in, sequence}, most));
  }
  [[nodiscard]] wall_time wall() const { return std::chrono::floor<std::chrono::microseconds>(time.wall()); }

  test::manual_clock time;
  applied_messages subject{time};
};

TEST_F(applied, are_none_at_first) {
  const auto page = subject.read(std::nullopt, 10);
  EXPECT_TRUE(page.messages.empty());
  EXPECT_EQ(page.next, position{});
}

TEST_F(applied, are_listed_oldest_first_behind_a_position) {
  take(1, 5);
  EXPECT_EQ(behind(0), (numbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(behind(3), (numbers{4, 5}));
  EXPECT_EQ(behind(5), numbers{});
  EXPECT_EQ(behind(9), numbers{});
  EXPECT_EQ(behind(1, epoch, 2), (numbers{2, 3}));
  EXPECT_EQ(behind(1, epoch, 0), numbers{});
}

TEST_F(applied, say_behind_which_position_to_go_on) {
  take(1, 5);
  EXPECT_EQ(subject.read(position{epoch, 1}, 2).next, (position{epoch, 3}));
  EXPECT_EQ(subject.read(position{epoch, 5}, 2).next, (position{epoch, 5}));
  EXPECT_EQ(subject.read(std::nullopt, 0).next, (position{epoch, 5}));
}

TEST_F(applied, are_the_newest_without_a_position) {
  take(1, 5);
  EXPECT_EQ(of(subject.read(std::nullopt, 2)), (numbers{4, 5}));
  EXPECT_EQ(of(subject.read(std::nullopt, 10)), (numbers{1, 2, 3, 4, 5}));
}

TEST_F(applied, are_taken_once_and_only_as_far_as_they_have_been_applied) {
  take(1, 2);
  subject.take(messages(1, 9), {epoch, 4}, by::tail);
  EXPECT_EQ(behind(0), (numbers{1, 2, 3, 4}));
  subject.take(messages(1, 9, next_epoch), {epoch, 4}, by::tail);
  EXPECT_EQ(behind(0), (numbers{1, 2, 3, 4})) << "of an epoch that is not ours yet";
}

TEST_F(applied, of_a_new_epoch_follow_those_of_the_old) {
  take(1, 3);
  take(1, 2, next_epoch);
  EXPECT_EQ(behind(2), (numbers{3, 1, 2}));
  EXPECT_EQ(behind(0, next_epoch), (numbers{1, 2}));
  EXPECT_EQ(behind(1, next_epoch), (numbers{2}));
  EXPECT_EQ(behind(2, next_epoch), numbers{});
  EXPECT_EQ(behind(9, 99), (numbers{1, 2, 3, 1, 2})) << "nothing is known of that epoch";
  subject.take({}, {99, 0}, by::joining);
  EXPECT_EQ(behind(0, 99), numbers{}) << "ours now, and empty";
}

TEST_F(applied, are_kept_up_to_a_number) {
  const auto most = applied_messages::kept_max;
  take(1, most + 5);
  EXPECT_EQ(behind(0, epoch, 1), numbers{6});
  take(most + 6, most + 6);
  EXPECT_EQ(behind(0, epoch, 1), numbers{7});
  EXPECT_EQ(subject.read(std::nullopt, 2 * most).messages.size(), most);
}

TEST_F(applied, tell_when_and_how_late_they_came) {
  auto one = message(1);
  one.said.said_at = wall() - 3ms;
  subject.take({&one, 1}, one.at, by::tail);
  const auto kept = subject.read(std::nullopt, 1).messages.at(0);
  EXPECT_EQ(kept.message.said.reason, "1");
  EXPECT_EQ(kept.applied_at, wall());
  EXPECT_EQ(kept.lag, 3ms);
  const auto lags = subject.lags();
  EXPECT_EQ(lags.count, 1U);
  EXPECT_DOUBLE_EQ(lags.sum_seconds, 0.003);
}

TEST_F(applied, never_came_before_they_were_said) {
  auto one = message(1);
  one.said.said_at = wall() + 1h;  // by a clock that is ahead of ours
  subject.take({&one, 1}, one.at, by::tail);
  EXPECT_EQ(subject.read(std::nullopt, 1).messages.at(0).lag, 0us);
}

TEST_F(applied, have_no_lag_that_nobody_knows) {
  auto all = messages(1, 2);
  subject.take({&all[0], 1}, all[0].at, by::tail);
  all[1].said.said_at = wall() - 1h;
  subject.take(all, all[1].at, by::joining);
  const auto kept = subject.read(std::nullopt, 2).messages;
  EXPECT_EQ(kept.at(0).lag, std::nullopt) << "it does not say when it was said";
  EXPECT_EQ(kept.at(1).lag, std::nullopt) << "it waited for us in the log";
  EXPECT_EQ(subject.lags().count, 0U);
}

TEST_F(applied, are_waited_for_and_come_at_once_when_there_are_some) {
  boost::asio::io_context loop{1};
  std::optional<applied_page> page;
  const auto wait = [&](std::uint64_t after) {
    boost::asio::co_spawn(loop, subject.read_when(position{epoch, after}, 10, {}),
                          [&](std::exception_ptr, applied_page got) { page = std::move(got); });
    loop.restart();
    loop.poll();
  };
  take(1, 2);
  wait(1);
  ASSERT_TRUE(page);
  EXPECT_EQ(of(*page), numbers{2});
  page.reset();
  wait(2);
  EXPECT_FALSE(page);
  subject.take({}, {epoch, 2}, by::tail);
  loop.poll();
  EXPECT_FALSE(page) << "nothing came";
  std::thread other{[&] { take(3, 3); }};
  other.join();
  loop.restart();
  loop.poll();
  ASSERT_TRUE(page);
  EXPECT_EQ(of(*page), numbers{3});
}

TEST_F(applied, that_do_not_come_are_an_empty_page_in_the_end) {
  boost::asio::io_context loop{1};
  take(1, 1);
  const auto until = deadline::after(time.now(), 5ms);
  EXPECT_EQ(of(test::run_coroutine(loop, subject.read_when(position{epoch, 1}, 10, until))), numbers{});
}

}  // namespace
}  // namespace ctxcache
