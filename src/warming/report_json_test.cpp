#include "warming/report_json.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace ctxcache::warming {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

const std::chrono::system_clock::time_point noon =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h;

job_report full() {
  return {.id = "job_1",
          .run = 4'294'967'295U,
          .now = job_report::state::paused,
          .why = "the providers fail",
          .order = {.segments = {"enterprise", "at_risk"},
                    .agent_types = {"support"},
                    .refresh = true,
                    .concurrency = 4,
                    .loads_per_second = 12.5,
                    .asked_by = "schedule nightly",
                    .hold = 2h},
          .ids = 3,
          .customers = 10,
          .customers_done = 9,
          .loaded = 8,
          .already_warm = 7,
          .unknown = 6,
          .failed = 5,
          .failures = {{"cust_1", "support", "provider_timeout"}, {"", "", "invalid_key"}},
          .loads_per_second = 1.25,
          .concurrency = 2,
          .started_at = noon,
          .ended_at = noon + 1500ms,
          .remaining = 90s};
}

TEST(report_json, says_everything_there_and_back) {
  const auto text = json::serialize(to_json(full()));
  const auto read = job_report_from(json::parse(text));
  ASSERT_TRUE(read);
  EXPECT_EQ(json::serialize(to_json(*read)), text);
  EXPECT_EQ(read->now, job_report::state::paused);
  EXPECT_EQ(read->ended_at, noon + 1500ms);
  EXPECT_EQ(read->order.hold, 2h);
  EXPECT_EQ(read->ids, 3U);
  EXPECT_EQ(read->failures.size(), 2U);
  EXPECT_EQ(read->failures[0].agent_type, "support");
}

TEST(report_json, leaves_out_what_is_not_known) {
  const auto out = to_json(job_report{.id = "job_1", .customers = std::nullopt});
  for (const auto* name : {"why", "customers", "ended_at", "remaining_ms"}) EXPECT_FALSE(out.contains(name));
  const auto read = job_report_from(out);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->customers || read->ended_at || read->remaining);
}

TEST(report_json, writes_times_in_utc_and_every_state_by_its_name) {
  auto job = full();
  EXPECT_EQ(to_json(job).at("started_at").as_string(), "2026-11-22T12:00:00.000Z");
  for (const auto state :
       {job_report::state::running, job_report::state::paused, job_report::state::holding,
        job_report::state::done, job_report::state::cancelled, job_report::state::failed}) {
    job.now = state;
    EXPECT_EQ(job_report_from(to_json(job))->now, state);
    EXPECT_EQ(to_json(job).at("state").as_string(), name(state));
  }
}

TEST(report_json, adds_hits_to_a_run) {
  EXPECT_EQ(to_json(run_report{.job = full(), .hit_later = 4}).at("hit_later").to_number<int>(), 4);
}

TEST(report_json, reads_nothing_else) {
  EXPECT_FALSE(job_report_from(json::parse("[]")));
  EXPECT_FALSE(job_report_from(json::parse("{}")));
  const auto spoilt = [](std::string_view member, json::value value) {
    auto out = to_json(full());
    out[member] = std::move(value);
    return job_report_from(out).has_value();
  };
  EXPECT_TRUE(spoilt("more", 1)) << "a later version may say more";
  EXPECT_FALSE(spoilt("id", 1));
  EXPECT_FALSE(spoilt("run", -1));
  EXPECT_FALSE(spoilt("state", "lost"));
  EXPECT_FALSE(spoilt("order", nullptr));
  EXPECT_FALSE(spoilt("failures", json::array{1}));
  for (const auto* time :
       {"", "2026-11-22", "2026-11-22T12:00:00.000", "2026-13-22T12:00:00.000Z", "2026-02-30T12:00:00.000Z",
        "2026-11-22T12:00:0x.000Z", "2026-11-22T12:00:00.0000Z"}) {
    EXPECT_FALSE(spoilt("started_at", time)) << time;
  }
}

}  // namespace
}  // namespace ctxcache::warming
