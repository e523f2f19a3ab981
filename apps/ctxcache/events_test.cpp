#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "run_client.hpp"

namespace ctxcache::client {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string first =
    R"({"number":1,"at":"2026-11-22T16:07:48.012Z","verdict":"invalidated","type":"ticket.created",)"
    R"("source":"/crm","id":"e1","receipts":[{"scope":{"kind":"agent_type","text":"context:c:support"}},)"
    R"({"scope":{"kind":"all","text":""}}]})";
const std::string second =
    R"({"number":2,"at":"2026-11-22T16:07:49.000Z","verdict":"rejected","type":"\u001b[2J","source":"",)"
    R"("id":"","receipts":[],"code":"invalid_request","detail":"it names no customer"})";

std::string page(const std::string& all, int next, const std::string& began = "t1") {
  return R"({"events":[)" + all + R"(],"next":)" + std::to_string(next) + R"(,"started_at":")" + began +
         "\"}";
}

const std::string letters =
    R"({"dead_letters":[{"number":"7","at":"2026-11-22T16:07:49.000Z","why":"it names no customer",)"
    R"("type":"ticket.created","source":"/crm","id":"e2","event":{}},)"
    R"({"number":"8","at":"2026-11-22T16:07:50.000Z","why":"no","type":"t","source":"",)"
    R"("id":"","event":null}]})";

TEST(events, are_a_line_each) {
  const auto daemon = answering(200, page(first + "," + second, 2));
  const auto done = run_at(daemon, {"events", "list"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("GET /api/v1/events HTTP/1.1\r\n"));
  EXPECT_EQ(done.out,
            "AT                        VERDICT      TYPE                      SOURCE            ID  EFFECT\n"
            "2026-11-22T16:07:48.012Z  invalidated  ticket.created            /crm              e1  "
            "context:c:support, everything\n"
            "2026-11-22T16:07:49.000Z  rejected     ?[2J                      -                 -  it names "
            "no customer\n");
}

TEST(events, are_json_lines) {
  const auto done = run_at(answering(200, page(first + "," + second, 2)), {"events", "list", "--json"});
  EXPECT_EQ(std::count(done.out.begin(), done.out.end(), '\n'), 2);
  EXPECT_THAT(done.out, StartsWith(R"({"number":1,)"));
}

TEST(events, are_followed_through_a_restart_of_the_daemon) {
  std::atomic<std::size_t> asked{0};
  const fake_daemon daemon{[&](const auto&) {
    const std::vector<fake_daemon::answer> answers{
        {200, page(first, 5), {}},
        {0, "", {}},                   // it ends
        {200, page("", 5, "t2"), {}},  // and counts from 1 again
        {200, page(second, 1, "t2"), {}},
        {400, R"({"detail":"enough","code":"invalid_request"})", {}}};
    return answers[std::min<std::size_t>(asked++, answers.size() - 1)];
  }};
  const auto done = run_at(daemon, {"events", "follow", "--json"});
  EXPECT_EQ(done.code, exit_code::failure);
  EXPECT_THAT(done.err, HasSubstr("enough"));
  EXPECT_EQ(std::count(done.out.begin(), done.out.end(), '\n'), 2);
  const auto questions = daemon.asked();
  ASSERT_EQ(questions.size(), 5u);
  EXPECT_THAT(questions[1].head, HasSubstr("events?after=5&limit=1000&wait=20 "));
  EXPECT_THAT(questions[2].head, HasSubstr("events?after=5&limit=1000 ")) << "it may have forgotten all";
  EXPECT_THAT(questions[3].head, HasSubstr("events?after=0&limit=1000 "));
  EXPECT_THAT(questions[4].head, HasSubstr("events?after=1&limit=1000&wait=20 "));
}

TEST(events, that_are_dead_letters_say_why) {
  const auto daemon = answering(200, letters);
  const auto done = run_at(daemon, {"events", "list", "--dead"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("GET /api/v1/events/dead "));
  EXPECT_EQ(done.out,
            "NUMBER  AT                        TYPE            SOURCE  ID  WHY\n"
            "7       2026-11-22T16:07:49.000Z  ticket.created  /crm    e2  it names no customer\n"
            "8       2026-11-22T16:07:50.000Z  t               -       -   no\n");
  EXPECT_THAT(run_at(daemon, {"events", "list", "--dead", "--json"}).out,
              StartsWith("{\"number\":\"7\",\"at\""));
}

TEST(events, are_replayed_by_number) {
  const auto daemon = answering(200, first);
  const auto done = run_at(daemon, {"events", "replay", "7/8"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("POST /api/v1/events/dead/7%2F8/replay "));
  EXPECT_EQ(done.out, "invalidated context:c:support, everything\n");
  EXPECT_EQ(run_at(answering(404, R"({"detail":"none","code":"not_found"})"), {"events", "replay", "7"}).code,
            exit_code::not_found);
}

TEST(events, are_replayed_all_whatever_becomes_of_one) {
  const fake_daemon daemon{[](const fake_daemon::request& from) {
    if (from.head.starts_with("GET")) return fake_daemon::answer{200, letters, {}};
    if (from.head.find("/7/") != std::string::npos)
      return fake_daemon::answer{422, R"({"detail":"it names no customer","code":"invalid_request"})", {}};
    return fake_daemon::answer{200, first, {}};
  }};
  const auto done = run_at(daemon, {"events", "replay", "--all"});
  EXPECT_EQ(done.code, exit_code::partly_done);
  EXPECT_EQ(done.out, "invalidated context:c:support, everything\n");
  EXPECT_THAT(done.err, HasSubstr("error: 7: it names no customer"));
  EXPECT_THAT(done.err, HasSubstr("replayed 1 of 2; failed: 1\n"));
}

TEST(events, need_to_be_told_what) {
  EXPECT_EQ(run_client({"events"}).code, exit_code::usage);
  EXPECT_EQ(run_client({"events", "replay"}).code, exit_code::usage);
  EXPECT_EQ(run_client({"events", "replay", "7", "--all"}).code, exit_code::usage);
}

}  // namespace
}  // namespace ctxcache::client
