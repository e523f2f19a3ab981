#include "schedule/zone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schedule/schedule_test_support.hpp"

namespace ctxcache::schedule {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

civil shown(const std::string& text) {
  return civil{at(text).time_since_epoch()};
}

TEST(zone, unknown_names_are_refused_with_a_sentence) {
  for (const std::string name : {"", "Mars/Olympus", "../etc/passwd", "Europe", "europe/berlin "}) {
    const auto found = zone::find(name);
    ASSERT_TRUE(std::holds_alternative<problem>(found)) << name;
    EXPECT_THAT(std::get<problem>(found).why, testing::HasSubstr("is no time zone"));
  }
}

TEST(zone, knows_the_summers_to_come) {
  const auto berlin = zone_named("Europe/Berlin");
  EXPECT_EQ(berlin.around(at("2036-01-15T00:00")).offset, 1h);
  EXPECT_EQ(berlin.around(at("2036-07-15T00:00")).offset, 2h);
}

TEST(zone, first_moment_of_what_the_clocks_show) {
  const auto berlin = zone_named("Europe/Berlin");
  EXPECT_EQ(berlin.first(shown("2026-03-29T01:59")), at("2026-03-29T00:59"));
  EXPECT_EQ(berlin.first(shown("2026-03-29T02:00")), at("2026-03-29T01:00")) << "skipped";
  EXPECT_EQ(berlin.first(shown("2026-03-29T02:59")), at("2026-03-29T01:00")) << "skipped";
  EXPECT_EQ(berlin.first(shown("2026-03-29T03:00")), at("2026-03-29T01:00"));
  EXPECT_EQ(berlin.first(shown("2026-10-25T02:00")), at("2026-10-25T00:00")) << "the first of two";
  EXPECT_EQ(berlin.first(shown("2026-10-25T02:59")), at("2026-10-25T00:59")) << "the first of two";
  EXPECT_EQ(berlin.first(shown("2026-10-25T03:00")), at("2026-10-25T02:00"));
}

struct change_of_clocks {
  std::string zone;
  std::string expression;
  std::string after;  // UTC, as the rest
  std::vector<std::string> next;
  friend void PrintTo(const change_of_clocks& row, std::ostream* out) {
    *out << row.expression << " in " << row.zone << " after " << row.after;
  }
};

class clocks_change : public testing::TestWithParam<change_of_clocks> {};

TEST_P(clocks_change, and_schedules_do_what_is_promised) {
  const auto& row = GetParam();
  EXPECT_EQ(next_times(cron_of(row.expression, row.zone), at(row.after), static_cast<int>(row.next.size())),
            row.next);
}

// Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC. 25 October: 03:00 becomes 02:00 at 01:00 UTC.
INSTANTIATE_TEST_SUITE_P(
    berlin, clocks_change,
    testing::Values(
        change_of_clocks{"Europe/Berlin",
                         "30 2 * * *",
                         "2026-03-28T00:00",
                         {"2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"}},
        change_of_clocks{
            "Europe/Berlin", "*/15 2 * * *", "2026-03-28T02:00", {"2026-03-29T01:00", "2026-03-30T00:00"}},
        change_of_clocks{
            "Europe/Berlin", "0 2,3 * * *", "2026-03-28T03:00", {"2026-03-29T01:00", "2026-03-30T00:00"}},
        change_of_clocks{
            "Europe/Berlin", "30 * * * *", "2026-03-29T00:00", {"2026-03-29T00:30", "2026-03-29T01:30"}},
        change_of_clocks{
            "Europe/Berlin", "0 */2 * * *", "2026-03-28T23:00", {"2026-03-29T02:00", "2026-03-29T04:00"}},
        change_of_clocks{
            "Europe/Berlin", "30 2 * * *", "2026-10-24T01:00", {"2026-10-25T00:30", "2026-10-26T01:30"}},
        change_of_clocks{"Europe/Berlin", "30 2 * * *", "2026-10-25T01:00", {"2026-10-26T01:30"}},
        change_of_clocks{
            "Europe/Berlin", "30 2,3 * * *", "2026-10-25T01:15", {"2026-10-25T02:30", "2026-10-26T01:30"}},
        change_of_clocks{"Europe/Berlin",
                         "30 * * * *",
                         "2026-10-25T00:00",
                         {"2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"}}));

// New York, 8 March 2026: 02:00 becomes 03:00 at 07:00 UTC. 1 November: 02:00 becomes 01:00 at 06:00 UTC.
INSTANTIATE_TEST_SUITE_P(
    new_york, clocks_change,
    testing::Values(
        change_of_clocks{
            "America/New_York", "30 2 8 3 *", "2026-03-08T00:00", {"2026-03-08T07:00", "2027-03-08T07:30"}},
        change_of_clocks{
            "America/New_York", "30 1 * * sun", "2026-11-01T00:00", {"2026-11-01T05:30", "2026-11-08T06:30"}},
        change_of_clocks{"America/New_York",
                         "30 * * * *",
                         "2026-11-01T05:00",
                         {"2026-11-01T05:30", "2026-11-01T06:30", "2026-11-01T07:30"}}));

// Lord Howe: half an hour. 4 October 2026: 02:00 becomes 02:30 at 15:30 UTC the day before. 5 April: 02:00
// becomes 01:30 at 15:00 UTC the day before.
INSTANTIATE_TEST_SUITE_P(lord_howe, clocks_change,
                         testing::Values(change_of_clocks{"Australia/Lord_Howe",
                                                          "15 2 * * *",
                                                          "2026-10-03T00:00",
                                                          {"2026-10-03T15:30", "2026-10-04T15:15"}},
                                         change_of_clocks{"Australia/Lord_Howe",
                                                          "45 2 * * *",
                                                          "2026-10-03T00:00",
                                                          {"2026-10-03T15:45", "2026-10-04T15:45"}},
                                         change_of_clocks{"Australia/Lord_Howe",
                                                          "15 * * * *",
                                                          "2026-10-03T14:00",
                                                          {"2026-10-03T14:45", "2026-10-03T16:15"}},
                                         change_of_clocks{"Australia/Lord_Howe",
                                                          "45 1 * * *",
                                                          "2026-04-04T00:00",
                                                          {"2026-04-04T14:45", "2026-04-05T15:15"}},
                                         change_of_clocks{
                                             "Australia/Lord_Howe",
                                             "45 * * * *",
                                             "2026-04-04T14:00",
                                             {"2026-04-04T14:45", "2026-04-04T15:15", "2026-04-04T16:15"}}));

// Casablanca goes back for Ramadan: 15 February 2026, 03:00 becomes 02:00 at 02:00 UTC; 22 March, 02:00
// becomes 03:00 at 02:00 UTC. Apia had no 30 December 2011.
INSTANTIATE_TEST_SUITE_P(
    others, clocks_change,
    testing::Values(
        change_of_clocks{
            "Africa/Casablanca", "30 2 * * *", "2026-02-14T02:00", {"2026-02-15T01:30", "2026-02-16T02:30"}},
        change_of_clocks{
            "Africa/Casablanca", "30 2 * * *", "2026-03-21T03:00", {"2026-03-22T02:00", "2026-03-23T01:30"}},
        change_of_clocks{"Pacific/Apia",
                         "0 12 * * *",
                         "2011-12-29T00:00",
                         {"2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"}},
        change_of_clocks{"Pacific/Apia",
                         "0 */12 * * *",
                         "2011-12-29T12:00",
                         {"2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"}}));

}  // namespace
}  // namespace ctxcache::schedule
