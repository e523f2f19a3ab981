#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "progress_bar.hpp"
#include "run_client.hpp"
#include "support/child_process.hpp"

namespace client = ctxcache::client;
using client::answering;
using client::exit_code;
using client::run_at;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

constexpr const char* receipt =
    R"({"position":"00000000000000aa.7","scope":{"kind":"customer","text":"context:c"},)"
    R"("matched_l1":3,"unlinked_l2":5,"l2_reached":true,"fence":null,"queued":false})";

}  // namespace

TEST(invalidate, sends_what_the_flags_say) {
  const auto daemon = answering(200, receipt);
  const auto done = run_at(daemon, {"invalidate", "--customer", "c", "--agent-type", "support",
                                    "--conversation", "d", "--reason", "why"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_EQ(done.out, "invalidated context:c: 3 in L1, 5 in L2 (position 00000000000000aa.7)\n");
  EXPECT_EQ(done.err, "");
  (void)run_at(daemon, {"invalidate", "--pattern", "context:*:support"});
  (void)run_at(daemon, {"invalidate", "--all", "--yes"});
  const auto asked = daemon.asked();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_THAT(asked[0].head, StartsWith("POST /api/v1/context/cache/invalidate "));
  EXPECT_EQ(asked[0].body,
            R"({"customer_id":"c","agent_type":"support","conversation_id":"d","reason":"why"})");
  EXPECT_EQ(asked[1].body, R"({"pattern":"context:*:support"})");
  EXPECT_EQ(asked[2].body, R"({"all":true})");
}

TEST(invalidate, never_widens_a_scope_for_an_empty_flag) {
  const auto daemon = answering(422, "{}");
  (void)run_at(daemon, {"invalidate", "--customer", "c", "--agent-type", ""});
  EXPECT_EQ(daemon.asked()[0].body, R"({"customer_id":"c","agent_type":""})");
}

TEST(invalidate, all_without_a_terminal_needs_yes) {
  const auto daemon = answering(200, receipt);
  EXPECT_EQ(run_at(daemon, {"invalidate", "--all"}).code, exit_code::usage);
  EXPECT_TRUE(daemon.asked().empty());
}

TEST(invalidate, dry_run_counts) {
  const auto daemon =
      answering(200, R"({"dry_run":true,"scope":{"kind":"all","text":""},"matched_l1":1,"matched_l2":null})");
  const auto done = run_at(daemon, {"invalidate", "--all", "--dry-run"});
  EXPECT_EQ(done.out, "would invalidate everything: 1 in L1, an unknown number in L2\n");
  EXPECT_EQ(daemon.asked()[0].body, R"({"all":true,"dry_run":true})");
  const auto known = answering(200, R"({"dry_run":true,"scope":{"kind":"customer","text":"context:c"},)"
                                    R"("matched_l1":1,"matched_l2":3,"expected_loads":3})");
  EXPECT_EQ(run_at(known, {"invalidate", "--customer", "c", "--dry-run"}).out,
            "would invalidate context:c: 1 in L1, 3 in L2, 3 to load again\n");
}

TEST(invalidate, dry_run_counts_in_each_daemon) {
  const auto of_a_fleet =
      answering(200, R"({"dry_run":true,"scope":{"kind":"customer","text":"context:c"},"matched_l1":1,)"
                     R"("l1":[{"id":"aa","entries":1},{"id":"bb","entries":7},{"id":"cc","entries":null}],)"
                     R"("matched_l2":3,"expected_loads":7})");
  EXPECT_EQ(run_at(of_a_fleet, {"invalidate", "--customer", "c", "--dry-run"}).out,
            "would invalidate context:c: 1 in L1, 3 in L2, 7 to load again\n"
            "  in L1 of aa: 1\n  in L1 of bb: 7\n  in L1 of cc: it did not answer\n");
}

namespace {

// Fails the customer "bad" and does the others, as a daemon does in a list.
client::fake_daemon::answer list_answer(const client::fake_daemon::request& one) {
  std::string results;
  std::size_t at = 0;
  while ((at = one.body.find("customer_id\":\"", at)) != std::string::npos) {
    at += 14;
    const bool bad = one.body.compare(at, 3, "bad") == 0;
    results += (results.empty() ? "" : ",") +
               std::string{bad ? R"({"status":500,"code":"internal","detail":"oh"})" : receipt};
  }
  return {results.find("internal") == std::string::npos ? 200 : 207, "{\"results\":[" + results + "]}"};
}

}  // namespace

TEST(invalidate, file_goes_on_after_bad_ids) {
  const ctxcache::test::temporary_folder folder;
  const auto path = folder.path() + "/ids";
  std::ofstream(path) << "# ours\nc1\n" << std::string(129, 'x') << "\nbad\nc2\nc1\n";
  const client::fake_daemon daemon{list_answer};
  const auto done = run_at(daemon, {"invalidate", "--file", path});
  EXPECT_EQ(done.code, exit_code::partly_done);
  EXPECT_EQ(done.out, "invalidated 2 customers: 6 in L1, 10 in L2; failed: 2\n");
  EXPECT_THAT(done.err, HasSubstr("error: " + path + ":3: xxx"));
  EXPECT_THAT(done.err, HasSubstr("error: " + path + ":4: bad: oh (internal)\n"));
  EXPECT_THAT(run_at(daemon, {"invalidate", "--file", path, "--json"}).out,
              HasSubstr(R"({"line":4,"customer_id":"bad","code":"internal","detail":"oh"})"));
}

namespace {

// One that names c0, c1, …
std::string file_of(const ctxcache::test::temporary_folder& folder, int customers) {
  const auto path = folder.path() + "/ids";
  std::ofstream file(path);
  for (int i = 0; i < customers; ++i) file << "c" << i << "\n";
  return path;
}

}  // namespace

TEST(invalidate, file_of_many_is_sent_in_batches) {
  const ctxcache::test::temporary_folder folder;
  const auto path = file_of(folder, 201);
  const client::fake_daemon daemon{list_answer};
  const auto done = run_at(daemon, {"invalidate", "--file", path});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_EQ(done.out, "invalidated 201 customers: 603 in L1, 1005 in L2\n");
  EXPECT_EQ(daemon.asked().size(), 3u);
}

TEST(invalidate, file_says_what_a_daemon_that_went_away_has_not_answered) {
  const ctxcache::test::temporary_folder folder;
  const auto path = file_of(folder, 150);
  std::size_t answered = 0;
  const client::fake_daemon daemon{[&](const auto& one) {
    return answered++ == 0 ? list_answer(one) : client::fake_daemon::answer{.status = 0};
  }};
  const auto done = run_at(daemon, {"invalidate", "--file", path});
  EXPECT_EQ(done.code, exit_code::partly_done);
  EXPECT_THAT(done.err, HasSubstr("error: " + path + ", lines "));
  EXPECT_THAT(done.err, testing::ContainsRegex("error: (50|100) of 150 customers were not answered for"));
}

TEST(invalidate, file_ends_with_5_when_no_daemon_answers) {
  const ctxcache::test::temporary_folder folder;
  const auto done = run_at(answering(0, ""), {"invalidate", "--file", file_of(folder, 1)});
  EXPECT_EQ(done.code, exit_code::unreachable);
  EXPECT_THAT(done.err, HasSubstr("error: 1 of 1 customers"));
}

namespace {

std::string fenced(const std::string& confirmed, const std::string& more = "") {
  return R"({"position":"00000000000000aa.7","scope":{"kind":"all","text":""},"matched_l1":3,)"
         R"("unlinked_l2":5,"l2_reached":true,"queued":false,"fence":{"confirmed":)" +
         confirmed + R"(,"waited_ms":12,"members":[{"id":"aaaa","applied":7})" + more + "]}}";
}
constexpr const char* behind = R"(,{"id":"bbbb","applied":6})";

const std::string queued =
    R"({"position":null,"scope":{"kind":"customer","text":"context:c"},"matched_l1":3,"unlinked_l2":0,)"
    R"("l2_reached":false,"queued":true,"fence":null})";

}  // namespace

TEST(invalidate, a_confirmed_fence_says_who_and_how_long) {
  const auto done = run_at(answering(200, fenced("true")), {"invalidate", "--all", "--yes", "--fence"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_EQ(done.out,
            "invalidated everything: 3 in L1, 5 in L2 (position 00000000000000aa.7)\n"
            "confirmed: no daemon serves it any more (1 daemon, 12 ms)\n");
  EXPECT_EQ(done.err, "");
  const auto waited =
      run_at(answering(200, fenced("true", behind)), {"invalidate", "--all", "--yes", "--fence"});
  EXPECT_THAT(waited.out, HasSubstr("(2 daemons, of them silent: bbbb, 12 ms)\n"));
}

TEST(invalidate, an_unconfirmed_fence_fails_and_says_how_to_ask_again) {
  const auto daemon = answering(503, fenced("false", behind));
  const auto done = run_at(daemon, {"invalidate", "--all", "--yes", "--fence"});
  EXPECT_EQ(done.code, exit_code::failure);
  EXPECT_EQ(done.out, "invalidated everything: 3 in L1, 5 in L2 (position 00000000000000aa.7)\n");
  EXPECT_EQ(done.err,
            "error: not confirmed after 12 ms, not applied by bbbb of 2 daemons: some daemon may serve it "
            "still; ask again with\n  curl " +
                daemon.url() + "/api/v1/context/cache/fences/00000000000000aa.7\n");
  const auto as_json = run_at(daemon, {"invalidate", "--all", "--yes", "--fence", "--json"});
  EXPECT_EQ(as_json.code, exit_code::failure);
  EXPECT_EQ(as_json.out, fenced("false", behind) + "\n");
}

TEST(invalidate, queued_is_done_here_and_said) {
  const auto done = run_at(answering(202, queued), {"invalidate", "--customer", "c"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_EQ(done.out, "invalidated context:c here: 3 in L1 (queued)\n");
  EXPECT_THAT(done.err, StartsWith("queued: Redis cannot be reached."));
}

TEST(invalidate, a_problem_is_no_receipt) {
  const auto done = run_at(answering(503, R"({"code":"log_unavailable","detail":"no log","request_id":"r"})"),
                           {"invalidate", "--customer", "c"});
  EXPECT_EQ(done.code, exit_code::failure);
  EXPECT_EQ(done.err, "error: no log (log_unavailable, request r)\n");
}

TEST(invalidate, the_fence_of_a_file_is_asked_for_last_and_once) {
  const ctxcache::test::temporary_folder folder;
  const auto path = file_of(folder, 201);
  const client::fake_daemon daemon{[](const auto& one) {
    auto said = list_answer(one);
    if (one.body.find("fence") != std::string::npos) said.body = "{\"results\":[" + fenced("true") + "]}";
    return said;
  }};
  const auto done = run_at(daemon, {"invalidate", "--file", path, "--fence"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(done.out, HasSubstr("invalidated 201 customers"));
  EXPECT_THAT(done.out, HasSubstr("confirmed: no daemon serves it any more"));
  const auto asked = daemon.asked();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[2].body, R"([{"customer_id":"c200","fence":true}])");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(asked[i].body.find("fence"), std::string::npos);
}

TEST(invalidate, a_file_is_partly_done_while_its_fence_is_in_doubt) {
  const ctxcache::test::temporary_folder folder;
  const auto path = file_of(folder, 2);
  const auto ends_with = [&](const std::string& first, int status, const std::string& last) {
    const client::fake_daemon daemon{[&](const auto& one) {
      const bool end = one.body.find("fence") != std::string::npos;
      return client::fake_daemon::answer{end ? status : 200, "{\"results\":[" + (end ? last : first) + "]}"};
    }};
    const auto done = run_at(daemon, {"invalidate", "--file", path, "--fence"});
    EXPECT_EQ(done.code, exit_code::partly_done);
    EXPECT_THAT(done.out, testing::Not(HasSubstr("confirmed")));
    return done.err;
  };
  EXPECT_THAT(ends_with(receipt, 207, fenced("false")), HasSubstr("error: not confirmed after 12 ms:"));
  EXPECT_THAT(ends_with(queued, 200, fenced("true")), HasSubstr("error: not confirmed: 1 wait for Redis"));
  auto elsewhere = fenced("true");
  elsewhere.replace(elsewhere.find("aa."), 2, "bb");
  EXPECT_THAT(ends_with(receipt, 200, elsewhere), HasSubstr("Redis was restarted or failed over"));
}

TEST(progress, says_how_far_how_fast_how_long) {
  using namespace std::chrono_literals;
  EXPECT_EQ(client::progress_text(0, 100, 0ms), "[..............................] 0 of 100");
  EXPECT_EQ(client::progress_text(50, 100, 2s), "[###############...............] 50 of 100, 25/s, 2 s left");
  EXPECT_EQ(client::progress_text(3, 3, 1s), "[##############################] 3 of 3, 3/s, 0 s left");
}
