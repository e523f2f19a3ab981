#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fstream>

#include "run_client.hpp"
#include "support/child_process.hpp"
#include "warm_orders.hpp"
#include "warm_text.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::StartsWith;

std::string job(const std::string& state, const std::string& more = "") {
  return R"({"id":"j1","run":1,"state":")" + state +
         R"(","order":{"segments":["enterprise"],"ids":0,"agent_types":["support"],"asked_by":"http"},)"
         R"("customers":10,"customers_done":10,"loaded":7,"already_warm":3,"unknown":0,"failed":0,)"
         R"("failures":[],"loads_per_second":25,"concurrency":4,"started_at":"2026-11-22T16:07:48.012Z")" +
         more + "}";
}

const std::string failures =
    R"(,"failed":2,"failures":[{"customer_id":"c1","agent_type":"support","error":"provider_timeout"}])";

std::string failing(const std::string& state) {
  auto text = job(state);
  text.replace(text.find(R"(,"failed":0,"failures":[])"), 25, failures);
  return text;
}

json::value order_in(const fake_daemon& daemon) {
  return json::parse(daemon.asked().at(0).body);
}

TEST(warm, sends_what_is_asked_for) {
  const auto daemon = answering(202, job("done"));
  const auto done =
      run_at(daemon, {"warm", "--customers", "enterprise,high_value", "--agent-types", "support,billing",
                      "--refresh", "--hold", "2h", "--concurrency", "4", "--loads-per-second", "12.5"});
  EXPECT_EQ(done.code, exit_code::ok) << done.err;
  EXPECT_EQ(done.out, "warmed 10 customers: 7 loaded, 3 warm already\n");
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("POST /api/v1/context/cache/warm "));
  EXPECT_EQ(order_in(daemon), (json::value{{"agent_types", {"support", "billing"}},
                                           {"refresh", true},
                                           {"concurrency", 4},
                                           {"loads_per_second", 12.5},
                                           {"hold", "7200s"},
                                           {"segments", {"enterprise", "high_value"}}}));
}

TEST(warm, sends_ids) {
  const auto daemon = answering(202, job("done"));
  EXPECT_EQ(run_at(daemon, {"warm", "--customer-ids", "a,b"}).code, exit_code::ok);
  EXPECT_EQ(order_in(daemon).at("customer_ids"), (json::array{"a", "b"}));
}

TEST(warm, follows_the_job_to_its_end) {
  std::atomic<int> asked{0};
  const fake_daemon daemon{[&](const auto&) {
    const auto number = asked++;
    if (number == 0) return fake_daemon::answer{202, job("running"), {}};
    if (number == 1) return fake_daemon::answer{503, R"({"detail":"a moment","code":"l2_timeout"})", {}};
    return fake_daemon::answer{200, job("done", R"(,"ended_at":"2026-11-22T16:08:00.000Z")"), {}};
  }};
  const auto done = run_at(daemon, {"warm", "--customers", "enterprise", "--json"});
  EXPECT_EQ(done.code, exit_code::ok) << done.err;
  EXPECT_EQ(json::parse(done.out).at("state"), "done");
  ASSERT_EQ(daemon.asked().size(), 3u);
  EXPECT_THAT(daemon.asked()[2].head, StartsWith("GET /api/v1/context/cache/warm/j1 "));
}

TEST(warm, ends_when_things_are_only_held_warm) {
  const auto done =
      run_at(answering(202, job("holding")), {"warm", "--customers", "enterprise", "--hold", "2h"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(done.err, HasSubstr("to end it: ctxcache warm cancel j1"));
}

TEST(warm, of_which_some_failed_is_partly_done) {
  const auto done = run_at(answering(202, failing("done")), {"warm", "--customers", "enterprise"});
  EXPECT_EQ(done.code, exit_code::partly_done);
  EXPECT_EQ(done.out, "warmed 10 customers: 7 loaded, 3 warm already, 2 failed\n");
  EXPECT_EQ(done.err, "failed:\nc1 support: provider_timeout\nand 1 more\n");
}

TEST(warm, that_failed_or_was_cancelled_says_so) {
  const std::string nothing =
      R"({"id":"j1","state":"failed","why":"the segment cannot be read","order":{"segments":["a"]}})";
  const auto failed = run_at(answering(202, nothing), {"warm", "--customers", "a"});
  EXPECT_EQ(failed.code, exit_code::failure);
  EXPECT_THAT(failed.err, HasSubstr("the job failed: the segment cannot be read"));
  const auto cancelled = run_at(answering(202, job("cancelled")), {"warm", "--customers", "enterprise"});
  EXPECT_EQ(cancelled.code, exit_code::partly_done);
  EXPECT_THAT(cancelled.err, HasSubstr("the job was cancelled"));
}

TEST(warm, of_a_segment_that_is_being_warmed_follows_that_job) {
  const auto done = run_at(answering(200, job("done", R"(,"already_running":true)")),
                           {"warm", "--customers", "enterprise"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_EQ(done.err, "enterprise: is being warmed already, by job j1 (http)\n");
}

TEST(warm, of_a_job_that_is_forgotten_ends) {
  std::atomic<int> asked{0};
  const fake_daemon daemon{[&](const auto&) {
    return asked++ == 0 ? fake_daemon::answer{202, job("running"), {}}
                        : fake_daemon::answer{404, R"({"detail":"no such job","code":"not_found"})", {}};
  }};
  EXPECT_EQ(run_at(daemon, {"warm", "--customers", "a"}).code, exit_code::not_found);
}

TEST(warm, detached_only_says_which_job) {
  const auto daemon = answering(202, job("running"));
  const auto done = run_at(daemon, {"warm", "--customers", "enterprise", "--detach"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_EQ(done.out, "job j1 warms enterprise; `ctxcache warm status j1` shows how far it is\n");
  EXPECT_EQ(daemon.asked().size(), 1u);
}

class warm_file : public testing::Test {
 protected:
  std::string with(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }

 private:
  const test::temporary_folder folder_;
  const std::string path_ = folder_.path() + "/customers.txt";
};

TEST_F(warm_file, warms_the_good_lines_and_reports_the_bad_ones) {
  const auto daemon = answering(202, job("done"));
  const auto file = with("# ours\r\n\r\ncust_1\r\n cust_2 \r\ncust_1\r\n" + std::string(129, 'x') + "\r\n");
  const auto done = run_at(daemon, {"warm", "--file", file});
  EXPECT_EQ(done.code, exit_code::partly_done);
  EXPECT_EQ(order_in(daemon).at("customer_ids"), (json::array{"cust_1", "cust_2"}));
  EXPECT_THAT(done.err, StartsWith("error: " + file + ":6: xxx"));
}

TEST_F(warm_file, of_bad_lines_only_asks_nobody) {
  const auto daemon = answering(202, job("done"));
  EXPECT_EQ(run_at(daemon, {"warm", "--file", with(std::string(129, 'x'))}).code, exit_code::failure);
  EXPECT_EQ(run_at(daemon, {"warm", "--file", with("# none\n")}).code, exit_code::failure);
  EXPECT_TRUE(daemon.asked().empty());
}

TEST_F(warm_file, too_long_for_one_order_is_sent_in_parts) {
  std::string lines;
  const std::string tail(100, 'x');
  std::size_t count = 0;
  while (lines.size() < 2 * order_bytes_max) lines += std::to_string(count++) + tail + "\n";
  const auto file = with(lines);
  const auto daemon = answering(202, job("done"));
  const auto done = run_at(daemon, {"warm", "--file", file, "--agent-types", "support"});
  EXPECT_EQ(done.code, exit_code::ok) << done.err;
  EXPECT_EQ(done.out, "warmed 30 customers: 21 loaded, 9 warm already\n") << "three jobs";
  std::size_t sent = 0;
  for (const auto& one : daemon.asked()) {
    EXPECT_LT(one.body.size(), std::size_t{1} << 20);
    const auto order = json::parse(one.body);
    EXPECT_EQ(order.at("agent_types"), (json::array{"support"}));
    sent += order.at("customer_ids").as_array().size();
  }
  EXPECT_EQ(sent, count);
  const auto unfollowed = run_at(daemon, {"warm", "--file", file, "--detach"});
  EXPECT_EQ(unfollowed.code, exit_code::usage);
  EXPECT_THAT(unfollowed.err, HasSubstr("leave out --detach"));
}

TEST(warm, wants_one_source_of_customers) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"warm"},
                                             {"warm", "--customers", ","},
                                             {"warm", "--customers", "a", "--customer-ids", "b"},
                                             {"warm", "--customer-ids", std::string(129, 'x')},
                                             {"warm", "--customers", "a", "--hold", "soon"},
                                             {"warm", "--customers", "a", "--hold", "-1h"},
                                             {"warm", "--customers", "a", "--concurrency", "-1"},
                                             {"warm", "status"},
                                             {"warm", "cancel"}}) {
    const auto done = run_client(words);
    EXPECT_EQ(done.code, exit_code::usage) << testing::PrintToString(words) << done.err;
    EXPECT_EQ(done.out, "");
  }
}

TEST(warm, report_says_what_a_run_was_good_for) {
  const auto daemon = answering(200, R"({"runs":[)" + job("done", R"(,"hit_later":5)") + "]}");
  const auto done = run_at(daemon, {"warm", "report"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("GET /api/v1/context/cache/warm "));
  EXPECT_EQ(done.out,
            "STARTED                   JOB  OF          STATE  CUSTOMERS  LOADED  WARM  FAILED  HIT LATER   "
            "ASKED BY\n"
            "2026-11-22T16:07:48.012Z  j1   enterprise  done   10 of 10   7       3     0       5 (71.4 %)  "
            "http\n");
  EXPECT_EQ(json::parse(run_at(daemon, {"warm", "report", "--json"}).out).at("runs").as_array().size(), 1u);
}

TEST(warm, status_and_cancel_show_the_job) {
  const auto daemon = answering(200, failing("paused"));
  const auto done = run_at(daemon, {"warm", "status", "j1"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(done.out, HasSubstr("state         paused\n"));
  EXPECT_THAT(done.out, HasSubstr("rate          25 loads/s, 4 at a time\n"));
  EXPECT_THAT(done.out, HasSubstr("failed:\nc1 support: provider_timeout\nand 1 more\n"));
  EXPECT_EQ(run_at(daemon, {"warm", "cancel", "a/b"}).code, exit_code::ok);
  EXPECT_THAT(daemon.asked()[1].head, StartsWith("DELETE /api/v1/context/cache/warm/a%2Fb "));
}

TEST(warm, progress_tells_rate_and_time_left) {
  const auto said = [](const std::string& text) { return warm_progress(json::parse(text).as_object()); };
  EXPECT_EQ(said(job("running", R"(,"remaining_ms":61000)")),
            "[##############################] 10 of 10 customers, 25 loads/s, 1 min 1 s left");
  EXPECT_EQ(said(R"({"state":"paused","why":"reads are slow","customers_done":3,"loads_per_second":0})"),
            "3 customers, 0 loads/s, paused: reads are slow");
}

TEST(warm, is_in_the_manual_with_examples_and_completes) {
  const auto page = run_client({"man"}).out;
  EXPECT_THAT(page, HasSubstr("\\fBwarm\\fR [\\fIoptions\\fR] [\\fIverb\\fR ...]"));
  EXPECT_THAT(page, HasSubstr("\\fBwarm cancel\\fR"));
  EXPECT_THAT(page, HasSubstr("  ctxcache warm \\-\\-file customers.txt \\-\\-refresh\n"));
  EXPECT_THAT(page, HasSubstr("\\fBevents\\fR [\\fIoptions\\fR] \\fIverb\\fR ...")) << "before its examples";
  EXPECT_THAT(page, HasSubstr("\\fBevents replay\\fR"));
  EXPECT_EQ(page.find("high_value"), page.rfind("high_value")) << "only with the verb that they are of";
  EXPECT_THAT(run_client({"warm", "--help"}).out, HasSubstr("ctxcache warm --customers enterprise"));
  for (const auto* const shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(run_client({"completion", shell}).out, HasSubstr("agent-types")) << shell;
  }
}

}  // namespace
}  // namespace ctxcache::client
