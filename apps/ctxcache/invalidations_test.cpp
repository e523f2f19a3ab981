#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "run_client.hpp"

namespace ctxcache::client {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string first =
    R"({"position":"00000000000000ab.1","scope":{"kind":"customer","text":"context:c"},"reason":"plan",)"
    R"("origin":"0123456789abcdef","fence":false,"said_at":"2026-11-22T16:07:48.012Z",)"
    R"("applied_at":"2026-11-22T16:07:48.013Z","lag_ms":1.234})";
const std::string second =
    R"({"position":"00000000000000ab.2","scope":{"kind":"all","text":""},"reason":"\u001b[2J","origin":null,)"
    R"("fence":true,"said_at":null,"applied_at":"2026-11-22T16:07:49.000Z","lag_ms":null})";

std::string page(const std::string& all, const std::string& next) {
  return R"({"invalidations":[)" + all + R"(],"next":")" + next + "\"}";
}

TEST(invalidations, are_a_line_each) {
  const auto daemon = answering(200, page(first + "," + second, "00000000000000ab.2"));
  const auto done = run_at(daemon, {"invalidations"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("GET /api/v1/context/cache/invalidations HTTP/1.1\r\n"));
  EXPECT_EQ(
      done.out,
      "APPLIED                   POSITION                         LAG  ORIGIN            SCOPE  REASON\n"
      "2026-11-22T16:07:48.013Z  00000000000000ab.1            1.2 ms  0123456789abcdef  customer context:c"
      "  plan\n"
      "2026-11-22T16:07:49.000Z  00000000000000ab.2                 -  -                 all  ?[2J\n");
}

TEST(invalidations, are_json_lines) {
  const auto done =
      run_at(answering(200, page(first + "," + second, "00000000000000ab.2")), {"invalidations", "--json"});
  EXPECT_EQ(std::count(done.out.begin(), done.out.end(), '\n'), 2);
  EXPECT_THAT(done.out, StartsWith(R"({"position":"00000000000000ab.1",)"));
}

TEST(invalidations, begin_behind_a_position) {
  const auto daemon = answering(200, page("", "00000000000000ab.7"));
  EXPECT_EQ(run_at(daemon, {"invalidations", "--after", "00000000000000ab.7"}).code, exit_code::ok);
  EXPECT_THAT(daemon.asked()[0].head, HasSubstr("invalidations?after=00000000000000ab.7&limit=1000 "));
  EXPECT_EQ(run_client({"invalidations", "--after", "7"}).code, exit_code::usage);
}

TEST(invalidations, are_followed_until_the_daemon_refuses) {
  std::atomic<int> asked{0};
  const fake_daemon daemon{[&](const auto&) {
    const std::vector<fake_daemon::answer> answers{
        {200, page(first, "00000000000000ab.1"), {}},
        {200, page("", "00000000000000ab.1"), {}},
        {200, page(second, "00000000000000ab.2"), {}},
        {400, R"({"detail":"enough","code":"invalid_request"})", {}}};
    return answers[std::min<std::size_t>(asked++, 3)];
  }};
  const auto done = run_at(daemon, {"invalidations", "--follow", "--json"});
  EXPECT_EQ(done.code, exit_code::failure);
  EXPECT_THAT(done.err, HasSubstr("enough"));
  EXPECT_EQ(std::count(done.out.begin(), done.out.end(), '\n'), 2);
  const auto questions = daemon.asked();
  ASSERT_EQ(questions.size(), 4u);
  EXPECT_THAT(questions[0].head, HasSubstr("invalidations HTTP"));
  EXPECT_THAT(questions[1].head, HasSubstr("?after=00000000000000ab.1&limit=1000&wait=20 "));
  EXPECT_THAT(questions[3].head, HasSubstr("?after=00000000000000ab.2&limit=1000&wait=20 "));
}

TEST(invalidations, of_a_daemon_that_was_never_there_are_none) {
  EXPECT_EQ(run_client({"invalidations", "--follow", "--url", "http://127.0.0.1:1"}).code,
            exit_code::unreachable);
}

TEST(invalidations, are_in_the_manual_and_complete) {
  EXPECT_THAT(run_client({"man"}).out, HasSubstr("\\fBinvalidations\\fR"));
  EXPECT_THAT(run_client({"man"}).out, HasSubstr("\\fB\\-\\-after\\fR \\fIPOSITION\\fR"));
  for (const auto* const shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(run_client({"completion", shell}).out, HasSubstr("follow")) << shell;
  }
}

}  // namespace
}  // namespace ctxcache::client
