#include "schedule/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "schedule/schedule_test_support.hpp"

namespace ctxcache::schedule {
namespace {

using namespace std::chrono_literals;
using action = plan::decision::action;
using testing::HasSubstr;

plan plan_of(timing wanted) {
  if (wanted.name.empty()) wanted.name = "nightly";
  auto made = plan::make(wanted);
  if (const auto* refused = std::get_if<problem>(&made)) throw std::runtime_error{refused->why};
  return std::get<plan>(made);
}

std::string refusal(const timing& wanted) {
  const auto made = plan::make(wanted);
  const auto* refused = std::get_if<problem>(&made);
  return refused ? refused->why : "";
}

const auto nightly = timing{.cron = "0 2 * * *"};
const auto skipping = timing{.cron = "0 2 * * *", .missed = missed_run::skip};

TEST(plan, refusals_say_what_is_allowed) {
  EXPECT_THAT(refusal({}), HasSubstr("either cron or before"));
  EXPECT_THAT(refusal({.cron = "0 2 * * *", .before = "08:30"}), HasSubstr("either cron or before"));
  EXPECT_THAT(refusal({.cron = "0 25 * * *"}), HasSubstr("cron: hour: \"25\""));
  EXPECT_THAT(refusal({.cron = "0 2 * * *", .timezone = "Berlin"}), HasSubstr("timezone: \"Berlin\""));
  EXPECT_THAT(refusal({.cron = "0 2 * * *", .lead = 60s}), HasSubstr("lead: it goes with before"));
  EXPECT_THAT(refusal({.before = "08:30", .lead = 8 * 24h}), HasSubstr("lead: at most 7 days"));
  EXPECT_THAT(refusal({.before = "08:30", .lead = -1s}), HasSubstr("lead"));
  EXPECT_THAT(refusal({.cron = "0 2 * * *", .jitter = 25h}), HasSubstr("jitter: at most 1 day"));
  for (const std::string peak : {"8:30", "0830", "08:30:00", "08:3x", " 08:30", "08:30 Mon Tue", "Mon-Fri"}) {
    EXPECT_THAT(refusal({.before = peak}), HasSubstr("is no time of the day")) << peak;
  }
  EXPECT_THAT(refusal({.before = "24:30"}), HasSubstr("before: hour: \"24\""));
  EXPECT_THAT(refusal({.before = "08:30 Mon-Fry"}), HasSubstr("before: day-of-week: \"Fry\""));
}

TEST(plan, before_begins_so_long_before_the_peak) {
  const auto weekdays = plan_of({.before = "08:30 Mon-Fri", .lead = 20min, .timezone = "Europe/Berlin"});
  // A Friday in winter, then the Monday after the clocks have changed.
  EXPECT_EQ(weekdays.next(at("2026-03-27T00:00"))->at, at("2026-03-27T07:10"));
  EXPECT_EQ(weekdays.next(at("2026-03-27T07:10"))->at, at("2026-03-30T06:10"));
  EXPECT_EQ(plan_of({.before = "00:10", .lead = 20min}).next(at("2026-01-01T00:00"))->at,
            at("2026-01-01T23:50"));
}

TEST(plan, due_once_and_then_waits_for_the_next) {
  const auto every_night = plan_of(nightly);
  const auto began = at("2026-01-01T12:00");
  const auto planned = at("2026-01-02T02:00");
  const auto waits = every_night.decide(began, planned - 1s);
  EXPECT_EQ(waits.what, action::wait);
  EXPECT_EQ(waits.which->at, planned);
  const auto runs = every_night.decide(began, planned);
  EXPECT_EQ(runs.what, action::run);
  EXPECT_EQ(runs.which->at, planned);
  EXPECT_FALSE(runs.missed);
  const auto after = every_night.decide(planned, planned);
  EXPECT_EQ(after.what, action::wait);
  EXPECT_EQ(after.which->at, at("2026-01-03T02:00"));
}

TEST(plan, missed_run_is_made_up_for_once_or_skipped) {
  const auto last = at("2026-01-02T02:00");
  const auto on_time = at("2026-01-05T02:00") + plan::window;
  for (const auto& one : {nightly, skipping}) {
    const auto late = plan_of(one).decide(last, on_time);
    EXPECT_EQ(late.what, action::run);
    EXPECT_FALSE(late.missed);
  }
  const auto runs = plan_of(nightly).decide(last, on_time + 1s);
  EXPECT_EQ(runs.what, action::run);
  EXPECT_TRUE(runs.missed);
  EXPECT_EQ(runs.which->at, at("2026-01-05T02:00")) << "the latest of three";
  EXPECT_EQ(plan_of(nightly).decide(runs.which->at, on_time + 1s).what, action::wait);
  const auto skips = plan_of(skipping).decide(last, on_time + 1s);
  EXPECT_EQ(skips.what, action::skip);
  EXPECT_EQ(skips.which->at, at("2026-01-05T02:00"));
}

TEST(plan, years_of_absence_cost_nothing) {
  const auto every_minute = plan_of({.cron = "* * * * *"});
  const auto made_up = every_minute.decide(at("2016-01-01T00:00"), at("2026-01-01T00:00:30"));
  EXPECT_EQ(made_up.which->at, at("2026-01-01T00:00"));
  const auto yearly = plan_of({.cron = "* * 1 1 *"});
  EXPECT_EQ(yearly.decide(at("2016-01-01T00:00"), at("2025-12-31T00:00")).which->at, at("2025-01-01T23:59"));
}

TEST(plan, clock_put_back_runs_nothing_twice) {
  const auto every_night = plan_of(nightly);
  const auto ran = at("2026-01-02T02:00");
  for (const auto& now : {"2026-01-02T01:30", "2026-01-02T02:00", "2026-01-01T02:00", "2026-01-01T12:00"}) {
    const auto then = every_night.decide(ran, at(now));
    EXPECT_EQ(then.what, action::wait) << now;
    EXPECT_EQ(then.which->at, at("2026-01-03T02:00")) << now;
  }
}

TEST(plan, clock_put_forward_over_a_run_is_a_missed_run) {
  const auto began = at("2026-01-02T01:00");
  EXPECT_EQ(plan_of(nightly).decide(began, at("2026-01-02T08:00")).what, action::run);
  EXPECT_EQ(plan_of(skipping).decide(began, at("2026-01-02T08:00")).what, action::skip);
}

TEST(plan, last_run_far_ahead_was_a_mistake) {
  const auto now = at("2026-01-02T02:00");
  EXPECT_FALSE(plan::is_mistake(now - 24h, now));
  EXPECT_FALSE(plan::is_mistake(now + 24h, now));
  EXPECT_TRUE(plan::is_mistake(now + 24h + 1s, now));
}

TEST(plan, jitter_is_the_same_in_every_process_and_differs_from_run_to_run) {
  const auto one = plan_of({.name = "nightly", .cron = "0 2 * * *", .jitter = 30min});
  const auto same = plan_of({.name = "nightly", .cron = "0 2 * * *", .jitter = 30min});
  const auto other = plan_of({.name = "morning", .cron = "0 2 * * *", .jitter = 30min});
  std::set<std::chrono::seconds> shares;
  int differs = 0;
  auto next = one.next(at("2026-01-01T00:00"));
  for (int i = 0; i < 200; ++i, next = one.next(next->at)) {
    const auto share = next->due - next->at;
    EXPECT_GE(share, 0s);
    EXPECT_LE(share, 30min);
    EXPECT_EQ(same.next(next->at - 1s), next);
    differs += other.next(next->at - 1s)->due != next->due ? 1 : 0;
    shares.insert(share);
  }
  EXPECT_GT(shares.size(), 150u);
  EXPECT_GT(differs, 150);
  EXPECT_LT(*shares.begin(), 3min);
  EXPECT_GT(*shares.rbegin(), 27min);
}

TEST(plan, jitter_begins_a_run_later_and_before_the_next) {
  const auto busy = plan_of({.cron = "*/10 * * * *", .jitter = 1h});
  auto last = at("2026-01-01T00:00");
  for (int i = 0; i < 500; ++i) {
    const auto next = busy.next(last);
    EXPECT_LT(next->due, next->at + 10min);
    const auto early = busy.decide(last, next->due - 1s);
    EXPECT_EQ(early.what, action::wait);
    EXPECT_EQ(early.which, next);
    const auto then = busy.decide(last, next->due);
    EXPECT_EQ(then.what, action::run);
    EXPECT_EQ(then.which, next);
    last = next->at;
  }
}

TEST(plan, run_before_one_that_jitter_holds_back_is_due) {
  const auto busy = plan_of({.cron = "*/10 * * * *", .jitter = 9min});
  auto held_back = busy.next(at("2026-01-01T06:00"));
  while (held_back->due == held_back->at) held_back = busy.next(held_back->at);
  const auto then = busy.decide(at("2026-01-01T00:00"), held_back->at);
  EXPECT_EQ(then.what, action::run);
  EXPECT_EQ(then.which->at, held_back->at - 10min);
}

TEST(plan, text_changes_with_the_times) {
  std::set<std::string> texts;
  texts.insert(plan_of(nightly).text());
  texts.insert(plan_of({.cron = "0 3 * * *"}).text());
  texts.insert(plan_of({.cron = "0 2 * * *", .timezone = "Europe/Berlin"}).text());
  texts.insert(plan_of({.before = "02:00"}).text());
  texts.insert(plan_of({.before = "02:00", .lead = 1min}).text());
  EXPECT_EQ(texts.size(), 5u);
  EXPECT_EQ(plan_of(skipping).text(), plan_of(nightly).text());
}

}  // namespace
}  // namespace ctxcache::schedule
