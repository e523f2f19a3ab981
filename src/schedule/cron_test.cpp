#include "schedule/cron.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schedule/schedule_test_support.hpp"

namespace ctxcache::schedule {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::string& expression) {
  const auto parsed = cron::parse(expression, zone_named("UTC"));
  const auto* refused = std::get_if<problem>(&parsed);
  return refused ? refused->why : "";
}

std::vector<std::string> from_new_year(const std::string& expression, int count) {
  return next_times(cron_of(expression), at("2026-01-01T00:00"), count);
}

TEST(cron, fields_are_minute_hour_day_month_and_weekday) {
  EXPECT_THAT(from_new_year("30 2 * * *", 2), ElementsAre("2026-01-01T02:30", "2026-01-02T02:30"));
  EXPECT_THAT(from_new_year("0 0 1 7 *", 2), ElementsAre("2026-07-01T00:00", "2027-07-01T00:00"));
  EXPECT_THAT(from_new_year("0 0 * * 1", 2), ElementsAre("2026-01-05T00:00", "2026-01-12T00:00"));
}

TEST(cron, ranges_steps_and_lists) {
  EXPECT_THAT(from_new_year("5,10-12,*/30 0 * * *", 7),
              ElementsAre("2026-01-01T00:05", "2026-01-01T00:10", "2026-01-01T00:11", "2026-01-01T00:12",
                          "2026-01-01T00:30", "2026-01-02T00:00", "2026-01-02T00:05"));
  EXPECT_THAT(from_new_year("0 8-18/5 * * *", 4),
              ElementsAre("2026-01-01T08:00", "2026-01-01T13:00", "2026-01-01T18:00", "2026-01-02T08:00"));
}

TEST(cron, names_in_any_case) {
  EXPECT_THAT(from_new_year("0 9 * jan,Dec MON-wed", 3),
              ElementsAre("2026-01-05T09:00", "2026-01-06T09:00", "2026-01-07T09:00"));
  EXPECT_THAT(from_new_year("0 0 * * fri-sun", 4),
              ElementsAre("2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00", "2026-01-09T00:00"));
}

TEST(cron, sunday_is_0_and_7) {
  const auto sundays = ElementsAre("2026-01-04T00:00", "2026-01-11T00:00");
  EXPECT_THAT(from_new_year("0 0 * * 0", 2), sundays);
  EXPECT_THAT(from_new_year("0 0 * * 7", 2), sundays);
  EXPECT_THAT(from_new_year("0 0 * * sun", 2), sundays);
  EXPECT_THAT(from_new_year("0 0 * * 6-7", 2), ElementsAre("2026-01-03T00:00", "2026-01-04T00:00"));
}

TEST(cron, day_of_month_or_day_of_week_unless_one_begins_with_a_star) {
  EXPECT_THAT(from_new_year("0 0 13 * fri", 3),
              ElementsAre("2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00"));
  EXPECT_THAT(from_new_year("0 0 */12 * fri", 3),
              ElementsAre("2026-02-13T00:00", "2026-03-13T00:00", "2026-05-01T00:00"));
  EXPECT_THAT(from_new_year("0 0 13 * */5", 2), ElementsAre("2026-02-13T00:00", "2026-03-13T00:00"));
}

TEST(cron, shorthands) {
  EXPECT_THAT(from_new_year("@yearly", 1), ElementsAre("2027-01-01T00:00"));
  EXPECT_THAT(from_new_year("@annually", 1), ElementsAre("2027-01-01T00:00"));
  EXPECT_THAT(from_new_year("@monthly", 1), ElementsAre("2026-02-01T00:00"));
  EXPECT_THAT(from_new_year("@weekly", 1), ElementsAre("2026-01-04T00:00"));
  EXPECT_THAT(from_new_year("@daily", 1), ElementsAre("2026-01-02T00:00"));
  EXPECT_THAT(from_new_year("@midnight", 1), ElementsAre("2026-01-02T00:00"));
  EXPECT_THAT(from_new_year("@Hourly", 1), ElementsAre("2026-01-01T01:00"));
}

TEST(cron, zone_in_front_of_the_expression_goes_before_the_one_given) {
  const auto times = cron_of("  CRON_TZ=Asia/Tokyo\t0 2  * * * ", "Europe/Berlin");
  EXPECT_EQ(times.where().name(), "Asia/Tokyo");
  EXPECT_THAT(next_times(times, at("2026-01-01T00:00"), 1), ElementsAre("2026-01-01T17:00"));
  EXPECT_THAT(from_new_year("CRON_TZ=Asia/Tokyo @daily", 1), ElementsAre("2026-01-01T15:00"));
}

TEST(cron, next_is_strictly_after_and_seconds_count) {
  const auto times = cron_of("30 2 * * *");
  EXPECT_EQ(times.next(at("2026-01-01T02:29:59")), at("2026-01-01T02:30"));
  EXPECT_EQ(times.next(at("2026-01-01T02:30:00")), at("2026-01-02T02:30"));
  EXPECT_EQ(times.next(at("2026-01-01T02:30:01")), at("2026-01-02T02:30"));
  EXPECT_EQ(cron_of("* * * * *").next(at("2026-01-01T23:59:59")), at("2026-01-02T00:00"));
}

TEST(cron, leap_days_are_found_over_a_century_without_one) {
  EXPECT_EQ(cron_of("0 0 29 2 *").next(at("2096-03-01T00:00")), at("2104-02-29T00:00"));
  EXPECT_EQ(cron_of("0 0 29 2 */7").next(at("2088-03-01T00:00")), at("2128-02-29T00:00")) << "a Sunday";
}

TEST(cron, far_future_is_no_harm) {
  EXPECT_TRUE(cron_of("0 0 * * *").next(at("2261-12-31T00:00")));
}

struct refused_expression {
  std::string expression;
  std::string why;
  friend void PrintTo(const refused_expression& one, std::ostream* out) { *out << one.expression; }
};

class refused_cron : public testing::TestWithParam<refused_expression> {};

TEST_P(refused_cron, says_which_field_and_what_is_allowed) {
  EXPECT_THAT(refusal(GetParam().expression), HasSubstr(GetParam().why)) << GetParam().expression;
}

INSTANTIATE_TEST_SUITE_P(
    each, refused_cron,
    testing::Values(
        refused_expression{"", "five fields, minute hour day-of-month month day-of-week; this one has 0"},
        refused_expression{"0 2 * *", "this one has 4"}, refused_expression{"0 0 2 * * *", "this one has 6"},
        refused_expression{"60 * * * *", "minute: \"60\" is not allowed, write 0 to 59"},
        refused_expression{"0 24 * * *", "hour: \"24\" is not allowed, write 0 to 23"},
        refused_expression{"0 0 0 * *", "day-of-month: \"0\" is not allowed, write 1 to 31"},
        refused_expression{"0 0 * 13 *", "month: \"13\" is not allowed, write 1 to 12 or jan to dec"},
        refused_expression{"0 0 * * 8", "day-of-week: \"8\" is not allowed, write 0 to 7 or sun to sat"},
        refused_expression{"0 0 * * monday", "day-of-week: \"monday\" is not allowed"},
        refused_expression{"jan * * * *", "minute: \"jan\" is not allowed"},
        refused_expression{"-5 * * * *", "minute: \"\" is not allowed"},
        refused_expression{"5- * * * *", "minute: \"\" is not allowed"},
        refused_expression{"1,,2 * * * *", "minute: \"\" is not allowed"},
        refused_expression{"+5 * * * *", "minute: \"+5\" is not allowed"},
        refused_expression{"99999999999999999999 * * * *", "is not allowed, write 0 to 59"},
        refused_expression{"0 22-2 * * *", "hour: the range \"22-2\" runs backwards"},
        refused_expression{"*/0 * * * *", "minute: the step of \"*/0\" is not allowed, write 1 to 59"},
        refused_expression{"*/90 * * * *", "minute: the step of \"*/90\" is not allowed"},
        refused_expression{"*/ * * * *", "minute: the step of \"*/\" is not allowed"},
        refused_expression{"5/15 * * * *", "has a step but no range, write \"5-59/15\""},
        refused_expression{"0 0 L * *", "day-of-month: \"L\" is not allowed"},
        refused_expression{"0 0 ? * *", "day-of-month: \"?\" is not allowed"},
        refused_expression{"@reboot", "\"@reboot\" is not known, write @yearly"},
        refused_expression{"@daily 5", "this one has 2"},
        refused_expression{"CRON_TZ=Mars/Olympus 0 2 * * *", "CRON_TZ: \"Mars/Olympus\" is no time zone"},
        refused_expression{"CRON_TZ= 0 2 * * *", "CRON_TZ: \"\" is no time zone"},
        refused_expression{"CRON_TZ=UTC", "this one has 0"},
        refused_expression{"0 0 30 2 *", "it never comes"}, refused_expression{"0 0 31 4,6,9,11 *", "never"},
        refused_expression{"0 0 30 feb */2", "it never comes"}));

TEST(cron, day_that_no_month_has_is_allowed_when_the_weekday_is_enough) {
  EXPECT_EQ(refusal("0 0 30 2 mon"), "");
  EXPECT_EQ(refusal("0 0 29 2 *"), "");
}

}  // namespace
}  // namespace ctxcache::schedule
