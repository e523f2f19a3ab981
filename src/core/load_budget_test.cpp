#include "core/load_budget.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace ctxcache {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class load_budget_line : public testing::Test {
 protected:
  struct place {
    std::string name;
    std::size_t readers = 1;
    boot_clock::duration patience = 1h;
  };

  asio::awaitable<void> stand(load_budget::ticket mine, place who) {
    auto got = co_await budget.enter(mine, who.readers, who.patience);
    if (got) {
      admitted.push_back(who.name);
      running.push_back(*std::move(got));
    } else {
      refused.emplace_back(who.name, got.error());
    }
  }
  load_budget::ticket enter(place who) {
    const auto mine = budget.next_ticket();
    asio::co_spawn(loop, stand(mine, std::move(who)), [](std::exception_ptr) {});
    settle();
    return mine;
  }
  void one_ends() {
    running.pop_back();
    settle();
  }
  void settle() {
    loop.restart();
    loop.poll();
  }

  asio::io_context loop{1};
  load_budget budget{1};
  std::vector<load_budget::slot> running;
  std::vector<std::string> admitted;
  std::vector<std::pair<std::string, error_code>> refused;
};

TEST_F(load_budget_line, admits_first_whom_most_wait_for_then_the_oldest) {
  enter({"first"});
  enter({"old", 2});
  enter({"cold", 1});
  enter({"young", 2});
  enter({"hot", 9});
  EXPECT_EQ(budget.running(), 1u);
  EXPECT_EQ(budget.waiting(), 4u);
  for (int i = 0; i < 5; ++i) one_ends();
  EXPECT_THAT(admitted, ElementsAre("first", "hot", "old", "young", "cold"));
  EXPECT_EQ(budget.running(), 0u);
}

TEST_F(load_budget_line, counts_readers_when_it_chooses) {
  enter({"first"});
  const auto lost = enter({"lost its readers", 5});
  const auto grown = enter({"found some", 1});
  enter({"neither", 2});
  budget.readers_wait(grown, 3);
  budget.readers_wait(lost, 0);
  for (int i = 0; i < 4; ++i) one_ends();
  EXPECT_THAT(admitted, ElementsAre("first", "found some", "neither", "lost its readers"));
  budget.readers_wait(grown, 7);  // no longer in line
  EXPECT_EQ(budget.waiting(), 0u);
}

TEST_F(load_budget_line, sends_away_whose_patience_ends) {
  enter({"first"});
  enter({"hurried", 5, 0ns});
  enter({"patient"});
  loop.restart();
  while (refused.empty()) loop.run_one();
  EXPECT_THAT(refused, ElementsAre(testing::Pair("hurried", errc::overloaded)));
  one_ends();
  EXPECT_THAT(admitted, ElementsAre("first", "patient"));
}

TEST_F(load_budget_line, full_line_sends_away_the_coldest_and_youngest) {
  enter({"first"});
  for (std::size_t i = 1; i < load_budget::line_per_slot; ++i) enter({"of many", 3});
  enter({"cold", 2});
  EXPECT_THAT(refused, IsEmpty());
  enter({"as cold", 2});
  EXPECT_THAT(refused, ElementsAre(testing::Pair("as cold", errc::overloaded)));
  enter({"warm", 3});
  EXPECT_THAT(refused, ElementsAre(testing::Pair("as cold", errc::overloaded),
                                   testing::Pair("cold", errc::overloaded)));
  EXPECT_EQ(budget.waiting(), load_budget::line_per_slot);
  for (std::size_t i = 0; i <= load_budget::line_per_slot; ++i) one_ends();
  EXPECT_EQ(admitted.back(), "warm");
}

TEST_F(load_budget_line, close_sends_everyone_away) {
  enter({"first"});
  enter({"in line"});
  budget.close();
  settle();
  enter({"late"});
  EXPECT_THAT(refused, ElementsAre(testing::Pair("in line", errc::shutting_down),
                                   testing::Pair("late", errc::shutting_down)));
  EXPECT_FALSE(budget.try_enter());
  one_ends();
  EXPECT_EQ(budget.running(), 0u);
  EXPECT_EQ(budget.waiting(), 0u);
}

TEST_F(load_budget_line, grows_and_shrinks) {
  enter({"first"});
  enter({"second"});
  budget.resize(2);
  settle();
  EXPECT_THAT(admitted, ElementsAre("first", "second"));
  budget.resize(1);
  enter({"third"});
  one_ends();
  EXPECT_EQ(admitted.size(), 2u);
  one_ends();
  EXPECT_THAT(admitted, ElementsAre("first", "second", "third"));
}

TEST_F(load_budget_line, takes_a_free_slot_only_when_nobody_waits) {
  {
    const auto got = budget.try_enter();
    EXPECT_TRUE(got);
    EXPECT_FALSE(budget.try_enter());
  }
  EXPECT_TRUE(budget.try_enter());
  EXPECT_EQ(budget.running(), 0u);
}

TEST_F(load_budget_line, exception_gives_the_slot_back) {
  const auto fail = [](load_budget& of) -> asio::awaitable<void> {
    const auto got = co_await of.enter(of.next_ticket(), 1, 1h);
    EXPECT_TRUE(got.has_value());
    throw std::runtime_error{"planned"};
  };
  bool thrown = false;
  asio::co_spawn(loop, fail(budget), [&](std::exception_ptr failure) { thrown = failure != nullptr; });
  settle();
  EXPECT_TRUE(thrown);
  EXPECT_EQ(budget.running(), 0u);
}

struct shared_by_lanes {
  static constexpr int most = 4;

  asio::awaitable<void> load(std::size_t readers) {
    const auto mine = budget.next_ticket();
    const auto got = co_await budget.enter(mine, readers, 1h);
    if (!got) {
      ++refused;
      co_return;
    }
    const int now = ++running;
    int seen = running_max.load();
    while (seen < now && !running_max.compare_exchange_weak(seen, now)) {
    }
    const auto here = co_await asio::this_coro::executor;
    co_await asio::post(here, asio::use_awaitable);
    --running;
    ++served;
  }

  load_budget budget{most};
  std::atomic<int> running{0};
  std::atomic<int> running_max{0};
  std::atomic<int> served{0};
  std::atomic<int> refused{0};
};

// Several loops on threads of their own share it, as lanes do.
TEST(load_budget_of_lanes, admits_no_more_than_may_run_and_forgets_nobody) {
  constexpr std::size_t lanes = 3;
  constexpr int each = 400;
  constexpr int most = shared_by_lanes::most;
  shared_by_lanes all;
  std::vector<std::unique_ptr<asio::io_context>> loops;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    loops.push_back(std::make_unique<asio::io_context>(1));
    for (int i = 0; i < each; ++i) {
      asio::co_spawn(*loops.back(), all.load(static_cast<std::size_t>(i % 7)), [](std::exception_ptr) {});
    }
  }
  std::vector<std::thread> threads;
  for (const auto& one : loops) threads.emplace_back([&one] { one->run(); });
  for (auto& one : threads) one.join();
  EXPECT_LE(all.running_max.load(), most);
  EXPECT_EQ(all.served.load() + all.refused.load(), static_cast<int>(lanes) * each);
  EXPECT_GE(all.served.load(), most * static_cast<int>(load_budget::line_per_slot));
  EXPECT_EQ(all.budget.running(), 0u);
  EXPECT_EQ(all.budget.waiting(), 0u);
}

}  // namespace
}  // namespace ctxcache
