#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

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

TEST(invalidate, file_of_many_is_sent_in_batches) {
  const ctxcache::test::temporary_folder folder;
  const auto path = folder.path() + "/ids";
  std::ofstream file(path);
  for (int i = 0; i < 201; ++i) file << "c" << i << "\n";
  file.close();
  const client::fake_daemon daemon{list_answer};
  const auto done = run_at(daemon, {"invalidate", "--file", path});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_EQ(done.out, "invalidated 201 customers: 603 in L1, 1005 in L2\n");
  EXPECT_EQ(daemon.asked().size(), 3u);
}

TEST(invalidate, file_says_where_a_daemon_that_went_away_stopped_it) {
  const ctxcache::test::temporary_folder folder;
  const auto path = folder.path() + "/ids";
  std::ofstream file(path);
  for (int i = 0; i < 150; ++i) file << "c" << i << "\n";
  file.close();
  std::size_t answered = 0;
  const client::fake_daemon daemon{[&](const auto& one) {
    return answered++ == 0 ? list_answer(one) : client::fake_daemon::answer{.status = 0};
  }};
  const auto done = run_at(daemon, {"invalidate", "--file", path});
  EXPECT_EQ(done.code, exit_code::partly_done);
  EXPECT_THAT(done.err, HasSubstr("error: stopped at line 101 of " + path));
}
