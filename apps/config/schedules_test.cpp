#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load_fixture.hpp"

namespace config = ctxcache::config;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

namespace {

class schedules : public config::load_fixture {
 protected:
  config::loaded with(const std::string& lines) {
    return from_file("[segment.big]\ncustomer_ids = [\"a\"]\n[segment.small]\ncustomer_ids = [\"b\"]\n" +
                     lines);
  }
};

}  // namespace

TEST_F(schedules, every_key_reaches_its_place) {
  const auto made = with(R"([schedule.nightly]
cron = "0 2 * * *"
timezone = "Europe/Berlin"
segments = ["big", "small"]
agent_types = ["support", "billing"]
refresh = true
hold = "2h"
jitter = "1m"
missed = "skip"
[schedule.morning]
before = "08:30 Mon-Fri"
lead = "20m"
segments = ["big"]
[schedule.import]
on_event = "import.*"
segments = ["big"]
)");
  ASSERT_THAT(texts(made.errors), IsEmpty());
  ASSERT_EQ(made.config.schedules.size(), 3u);
  const auto& nightly = made.config.schedules[0];
  EXPECT_EQ(nightly.name, "nightly");
  EXPECT_EQ(nightly.cron, "0 2 * * *");
  EXPECT_EQ(nightly.timezone, "Europe/Berlin");
  EXPECT_THAT(nightly.segments, ElementsAre("big", "small"));
  EXPECT_THAT(nightly.agent_types, ElementsAre("support", "billing"));
  EXPECT_TRUE(nightly.refresh);
  EXPECT_EQ(nightly.hold, 2h);
  EXPECT_EQ(nightly.jitter, 1min);
  EXPECT_EQ(nightly.missed_runs, config::missed_policy::skip);
  EXPECT_EQ(nightly.at.line, 5u);
  const auto& morning = made.config.schedules[1];
  EXPECT_EQ(morning.before, "08:30 Mon-Fri");
  EXPECT_EQ(morning.lead, 20min);
  EXPECT_EQ(morning.timezone, "UTC");
  EXPECT_EQ(morning.missed_runs, config::missed_policy::run);
  EXPECT_THAT(morning.agent_types, IsEmpty());
  EXPECT_EQ(made.config.schedules[2].on_event, "import.*");
  EXPECT_EQ(shown(made, "schedule.nightly.missed"), "skip (line 13)");
  EXPECT_EQ(shown(made, "schedule.morning.lead"), "20m (line 16)");
  EXPECT_EQ(shown(made, "schedule.import.agent_types"), "all (default)");
  EXPECT_EQ(shown(made, "schedule.import.timezone"), "absent");
}

TEST_F(schedules, mistakes) {
  const auto made = with(R"([schedule.a]
[schedule.b]
cron = "@daily"
before = "08:30"
on_event = "x"
segments = ["bgi", "big", "big"]
[schedule.c]
before = "08:30"
segments = []
[schedule.d]
cron = "@daily"
lead = "5m"
segments = ["big"]
agent_types = ["suport"]
missed = "skp"
[schedule.e]
on_event = "x"
timezone = "UTC"
jitter = "1s"
missed = "run"
segments = ["big"]
[schedule.f]
before = "08:30"
lead = "25h"
hold = "25h"
jitter = "-1s"
segment = "big"
[schedule.g]
before = "08:30"
lead = 0
refresh = 1
segments = "big"
)");
  EXPECT_THAT(
      texts(made.errors),
      ElementsAre("5:11: a schedule needs cron, before (with lead) or on_event",
                  "5:11: segments is missing: a schedule warms at least one",
                  "8:10: a schedule has cron or before, not both",
                  "8:10: before: needs lead, how long before it warming begins",
                  "9:12: a schedule has before or on_event, not both",
                  "10:13: unknown segment \"bgi\"; did you mean \"big\"?",
                  "10:20: segment \"big\" is named twice", "10:27: segment \"big\" is named twice",
                  "12:10: before: needs lead, how long before it warming begins",
                  "13:12: segments: a schedule warms at least one", "16:8: lead: only with before",
                  "18:16: unknown agent type \"suport\"; did you mean \"support\"?",
                  "19:10: missed: expected one of \"run\", \"skip\", got \"skp\"; did you mean \"skip\"?",
                  "22:12: timezone: only with cron or before; an event comes when it comes",
                  "23:10: jitter: only with cron or before; an event comes when it comes",
                  "24:10: missed: only with cron or before; an event comes when it comes",
                  "26:11: segments is missing: a schedule warms at least one",
                  "28:8: lead: must be at most 1d", "29:8: hold: must be at most 1d",
                  "30:10: jitter: must be at least 0s",
                  "31:1: unknown key \"segment\"; did you mean \"segments\"?",
                  "34:8: lead: must be at least 1s", "35:11: refresh: expected true or false, got 1",
                  "36:12: segments: expected an array of strings, got \"big\""));
}

TEST_F(schedules, expressions_and_zones_are_tried) {
  const auto error_of = [&](const std::string& line) {
    const auto made = with("[schedule.s]\nsegments = [\"big\"]\n" + line + "\n");
    if (made.ok()) return std::string{};
    return made.errors.size() == 1 ? texts(made.errors)[0] : "more than one error";
  };
  EXPECT_EQ(error_of("cron = \"*/15 8-18 * jan,mar mon-fri\""), "");
  EXPECT_EQ(error_of("cron = \"@daily\"\ntimezone = \"America/New_York\""), "");
  EXPECT_THAT(error_of("cron = \"61 * * * *\""), StartsWith("7:8: cron: "));
  EXPECT_EQ(error_of("cron = \"\""), "7:8: cron: must not be empty");
  EXPECT_EQ(error_of("on_event = \"\""), "7:12: on_event: must not be empty");
  EXPECT_THAT(error_of("before = \"8:30\"\nlead = \"1m\""), StartsWith("7:10: before: "));
  EXPECT_THAT(error_of("before = \"08:30 Mon-Fry\"\nlead = \"1m\""), StartsWith("7:10: before: "));
  EXPECT_THAT(error_of("cron = \"0 2 30 2 *\""), StartsWith("7:8: cron: "));
  EXPECT_THAT(error_of("cron = \"@daily\"\ntimezone = \"Europe/Berln\""), StartsWith("8:12: timezone: "));
  EXPECT_THAT(error_of("cron = \"CRON_TZ=Nowhere @daily\""), StartsWith("7:8: cron: "));
}
