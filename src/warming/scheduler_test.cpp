#include "warming/scheduler.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "schedule/plan.hpp"
#include "warming/scheduler_test_support.hpp"

namespace ctxcache::warming {
namespace {

using namespace std::chrono_literals;
using schedule::missed_run;
using schedule::plan;

class schedules : public scheduler_fixture {
 protected:
  /// And one by the clock, which looks at it again and again.
  static std::vector<schedule_spec> after(const std::string& type) {
    auto specs = nightly();
    warm_order order{.segments = {"all"}};
    specs.insert(specs.begin(), {.name = "imported", .on_event = type, .order = std::move(order)});
    return specs;
  }
};

TEST_F(schedules, start_their_order_at_their_time_once) {
  auto& one = start(nightly());
  EXPECT_EQ(text(one.status().next), "2026-01-01T02:00");
  EXPECT_FALSE(one.status().last);
  time.advance(2h - 1s);
  let_look();
  EXPECT_EQ(started(), 0u);
  time.advance(1s);
  ASSERT_TRUE(soon([&] { return one.status().last && !one.status().last->job.empty(); }));
  let_look();
  ASSERT_EQ(one.started.size(), 1u);
  EXPECT_EQ(one.started.front().asked_by, "schedule nightly");
  EXPECT_EQ(one.started.front().segments, std::vector<std::string>{"enterprise"});
  EXPECT_EQ(one.started.front().hold, 2h);
  const auto now = one.status();
  EXPECT_EQ(text(now.last->planned), "2026-01-01T02:00");
  EXPECT_EQ(now.last->why, "planned");
  EXPECT_EQ(now.last->job, "job1");
  EXPECT_EQ(text(now.next), "2026-01-02T02:00");
  EXPECT_EQ(now.problem, "");
  time.advance(24h);
  EXPECT_TRUE(soon([&] { return started() == 2; }));
}

TEST_F(schedules, one_process_of_the_fleet_begins_an_occurrence) {
  for (int i = 0; i < 3; ++i) start(nightly());
  for (std::size_t night = 1; night <= 5; ++night) {
    time.advance(night == 1 ? 2h : 24h);
    ASSERT_TRUE(soon([&] {
      return std::ranges::all_of(processes, [&](const process& one) {
        const auto last = one.status().last;
        return last && text(last->planned) == text(time.wall()) && !last->job.empty();
      });
    })) << "all know of it";
    let_look();
    EXPECT_EQ(started(), night);
  }
}

TEST_F(schedules, seen_for_the_first_time_have_missed_nothing) {
  time.advance(2h + 1s);
  auto& one = start(nightly());
  EXPECT_EQ(started(), 0u);
  EXPECT_EQ(text(one.status().next), "2026-01-02T02:00");
}

TEST_F(schedules, run_missed_while_nobody_was_there_is_made_up_for_once) {
  stop(start(nightly()));
  time.advance(72h + 8h);
  auto& one = start(nightly());
  start(nightly());
  ASSERT_TRUE(soon([&] { return started() == 1; }));
  let_look();
  EXPECT_EQ(started(), 1u);
  EXPECT_EQ(text(one.status().last->planned), "2026-01-04T02:00") << "the latest of four";
  EXPECT_EQ(one.status().last->why, "missed");
  EXPECT_EQ(text(one.status().next), "2026-01-05T02:00");
}

TEST_F(schedules, missed_run_is_skipped_where_that_is_wanted) {
  stop(start(nightly(missed_run::skip)));
  time.advance(8h);
  auto& one = start(nightly(missed_run::skip));
  ASSERT_TRUE(soon([&] { return one.status().last.has_value(); }));
  let_look();
  EXPECT_EQ(started(), 0u);
  EXPECT_EQ(one.status().last->why, "skipped");
  EXPECT_EQ(one.status().last->job, "");
  EXPECT_EQ(text(one.status().next), "2026-01-02T02:00");
}

TEST_F(schedules, nobody_begins_while_the_store_cannot_be_asked) {
  auto& one = start(nightly(missed_run::skip));
  one.store->down = true;
  time.advance(2h);
  ASSERT_TRUE(soon([&] { return !one.status().problem.empty(); }));
  EXPECT_EQ(started(), 0u);
  time.advance(plan::window);
  one.store->down = false;
  ASSERT_TRUE(soon([&] { return started() == 1; })) << "within the window it is in time";
  EXPECT_EQ(one.status().problem, "");

  one.store->down = true;
  time.advance(24h + 1s);
  let_look();
  one.store->down = false;
  ASSERT_TRUE(soon([&] { return one.status().last->why == "skipped"; })) << "beyond, it was missed";
  EXPECT_EQ(started(), 1u);
}

TEST_F(schedules, process_that_reaches_the_store_begins_for_one_that_does_not) {
  auto& cut_off = start(nightly());
  cut_off.store->down = true;
  auto& other = start(nightly());
  time.advance(2h);
  ASSERT_TRUE(soon([&] { return other.started.size() == 1; }));
  let_look();
  cut_off.store->down = false;
  ASSERT_TRUE(soon([&] { return cut_off.status().last.has_value(); }));
  EXPECT_EQ(started(), 1u);
}

TEST_F(schedules, claim_whose_answer_is_lost_is_kept) {
  auto& one = start(nightly());
  one.store->puts_to_lose = 2;
  time.advance(2h);
  ASSERT_TRUE(soon([&] { return started() == 1; }));
  EXPECT_EQ(one.store->puts_to_lose, 0);
  let_look();
  EXPECT_EQ(started(), 1u);
}

TEST_F(schedules, clock_put_back_begins_nothing_twice) {
  auto& one = start(nightly());
  time.advance(2h);
  ASSERT_TRUE(soon([&] { return started() == 1; }));
  time.jump(-1h);
  let_look();
  EXPECT_EQ(text(one.status().next), "2026-01-02T02:00");
  time.advance(1h);
  let_look();
  stop(one);
  start(nightly());
  time.jump(-23h);
  let_look();
  EXPECT_EQ(started(), 1u);
}

TEST_F(schedules, clock_that_was_days_ahead_does_not_keep_them_from_beginning) {
  start(nightly());
  time.jump(365 * 24h);
  ASSERT_TRUE(soon([&] { return started() == 1; })) << "as a missed run";
  time.jump(-365 * 24h);
  let_look();
  for (auto& one : processes) EXPECT_EQ(text(one.status().next), "2026-01-01T02:00");
  auto& fresh = start(nightly());
  EXPECT_EQ(text(fresh.status().next), "2026-01-01T02:00");
  time.advance(2h);
  ASSERT_TRUE(soon([&] { return started() == 2; }));
  let_look();
  EXPECT_EQ(started(), 2u);
}

TEST_F(schedules, clock_put_forward_over_a_run_has_missed_it) {
  auto& one = start(nightly(missed_run::skip));
  time.jump(8h);
  ASSERT_TRUE(soon([&] { return one.status().last.has_value(); }));
  EXPECT_EQ(one.status().last->why, "skipped");
  EXPECT_EQ(started(), 0u);
}

TEST_F(schedules, another_timing_begins_anew) {
  stop(start(nightly()));
  time.advance(8h);
  auto changed = nightly();
  changed.front().when = plan_of({.cron = "0 3 * * *"});
  auto& one = start(changed);
  let_look();
  EXPECT_EQ(started(), 0u) << "03:00 was never its time";
  EXPECT_EQ(text(one.status().next), "2026-01-02T03:00");
  time.advance(19h);
  EXPECT_TRUE(soon([&] { return started() == 1; }));
}

TEST_F(schedules, fact_that_cannot_be_read_is_as_none) {
  shared_store::fact broken{"schedule/nightly/last", "{", 24h};
  ASSERT_TRUE(*test::run_coroutine(loop, fleet->put(broken, std::nullopt, {})));
  start(nightly());
  time.advance(2h);
  EXPECT_TRUE(soon([&] { return started() == 1; }));
}

TEST_F(schedules, job_that_cannot_be_started_yet_is_tried_again_by_the_same_process) {
  auto& one = start(nightly());
  start(nightly());
  for (auto& each : processes) each.refuses = errc::l2_unavailable;
  time.advance(2h);
  ASSERT_TRUE(soon([&] { return one.tried + processes.back().tried >= 3; }));
  EXPECT_TRUE(one.tried == 0 || processes.back().tried == 0);
  for (auto& each : processes) each.refuses.reset();
  ASSERT_TRUE(soon([&] { return started() == 1; }));
  let_look();
  EXPECT_EQ(started(), 1u);
}

TEST_F(schedules, job_that_cannot_be_started_for_a_window_is_given_up) {
  auto& one = start(nightly());
  one.refuses = errc::l2_unavailable;
  time.advance(2h);
  ASSERT_TRUE(soon([&] { return one.tried > 0; }));
  EXPECT_EQ(one.status().problem, "the job cannot be started: Redis cannot be reached");
  time.advance(plan::window);
  ASSERT_TRUE(soon([&] { return text(one.status().next) == "2026-01-02T02:00"; }));
  one.refuses.reset();
  let_look();
  EXPECT_EQ(started(), 0u);
}

TEST_F(schedules, order_that_is_refused_is_not_tried_again) {
  auto& one = start(nightly());
  one.refuses = errc::invalid_request;
  time.advance(2h);
  ASSERT_TRUE(soon([&] { return text(one.status().next) == "2026-01-02T02:00"; }));
  EXPECT_EQ(one.tried, 1);
}

TEST_F(schedules, event_of_a_matching_type_starts_a_job) {
  auto& one = start(after("import.*"));
  EXPECT_FALSE(one.status().next);
  one.schedules->heard("ticket.created");
  one.schedules->heard("import.completed");
  ASSERT_TRUE(soon([&] { return one.status().last.has_value(); }));
  let_look();
  ASSERT_EQ(started(), 1u);
  EXPECT_EQ(one.started.front().asked_by, "event import.completed");
  EXPECT_EQ(one.status().last->why, "event import.completed");
  EXPECT_EQ(one.status().last->job, "job1");
}

TEST_F(schedules, events_in_quick_succession_are_one) {
  auto& one = start(after("*"));
  one.schedules->heard("import.completed");
  ASSERT_TRUE(soon([&] { return started() == 1; }));
  for (int i = 0; i < 100; ++i) one.schedules->heard("import.completed");
  let_look();
  EXPECT_EQ(started(), 1u);
  time.advance(10s);
  ASSERT_TRUE(soon([&] { return started() == 2; }));
  let_look();
  EXPECT_EQ(started(), 2u);
}

TEST_F(schedules, event_is_kept_until_its_job_can_be_started_but_not_for_ever) {
  auto& one = start(after("import.completed"));
  one.refuses = errc::l2_unavailable;
  one.schedules->heard("import.completed");
  ASSERT_TRUE(soon([&] { return one.tried == 1; }));
  time.advance(1s);
  ASSERT_TRUE(soon([&] { return one.tried == 2; }));
  one.refuses.reset();
  time.advance(1s);
  ASSERT_TRUE(soon([&] { return started() == 1; }));

  one.refuses = errc::l2_unavailable;
  time.advance(10s);
  one.schedules->heard("import.completed");
  ASSERT_TRUE(soon([&] { return one.tried == 4; }));
  time.advance(plan::window);
  ASSERT_TRUE(soon([&] { return one.tried == 5; }));
  time.advance(1min);
  let_look();
  EXPECT_EQ(one.tried, 5);
}

}  // namespace
}  // namespace ctxcache::warming
