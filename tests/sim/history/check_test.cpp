// Planted histories: each violation is reported, and its innocent neighbour is not.
#include "history/check.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ctxcache::history {
namespace {

constexpr instant ms = 1'000;
// (L+G)·1.01 + 50 ms, and l2_ttl + D + 1 s, of the constants below.
constexpr instant bound = 858 * ms;
constexpr instant life = 3'400 * ms;

key some_key(std::string_view customer = "c1", std::string_view agent_type = "support") {
  return *key::make({customer, agent_type});
}
position place(std::uint64_t sequence, std::uint64_t epoch = 7) {
  return {epoch, sequence};
}

/// Version 1 is committed at 0, version 2 at 100 ms; what is added may contradict that.
struct planted {
  planted() {
    all.bounds = {.licence = std::chrono::milliseconds{200},
                  .grace = std::chrono::milliseconds{600},
                  .own_loads = std::chrono::milliseconds{1'200},
                  .l2_ttl = std::chrono::milliseconds{2'000},
                  .load_deadline = std::chrono::milliseconds{400}};
    all.commits = {{"c1", 1, -ms, 0}, {"c1", 2, 99 * ms, 100 * ms}};
  }
  invalidation& invalidate(interval when, std::uint64_t version = 2) {
    all.invalidations.push_back({.what = *scope::of("c1", std::nullopt, std::nullopt),
                                 .versions = {{"c1", version}},
                                 .status = 200,
                                 .at = place(5),
                                 .process = "a.1",
                                 .when = when});
    return all.invalidations.back();
  }
  invalidation& fence(interval when) {
    auto& one = invalidate(when);
    one.fence = one.confirmed = true;
    return one;
  }
  read& reads(std::uint64_t version, instant at, std::string process = "b.1") {
    all.reads.push_back({.wanted = some_key(),
                         .process = std::move(process),
                         .status = 200,
                         .version = version,
                         .source = "l1",
                         .when = {at, at + ms}});
    return all.reads.back();
  }
  put& puts(std::uint64_t version, interval when, std::optional<position> at) {
    all.puts.push_back(
        {.where = some_key(), .version = version, .status = 200, .at = at, .process = "a.1", .when = when});
    return all.puts.back();
  }
  void loads(interval when, std::string process = "b.1") {
    all.loads.push_back({some_key(), std::move(process), 1, when});
  }
  /// The numbers of the rules that are broken.
  [[nodiscard]] std::vector<int> broken() const {
    std::vector<int> rules;
    for (const auto& one : check(all).violations) rules.push_back(one.rule);
    return rules;
  }

  history all;
};

using rules = std::vector<int>;

TEST(history_check, an_old_version_after_a_confirmed_fence_is_v1) {
  planted on;
  on.fence({110 * ms, 120 * ms});
  on.reads(1, 120 * ms);  // not after the answer
  on.reads(2, 121 * ms);
  EXPECT_EQ(on.broken(), rules{});
  on.reads(1, 121 * ms);
  EXPECT_EQ(on.broken(), rules{1});
}

TEST(history_check, an_unconfirmed_fence_promises_the_bound_only) {
  planted on;
  on.fence({110 * ms, 120 * ms}).confirmed = false;
  on.reads(1, 121 * ms);
  EXPECT_EQ(on.broken(), rules{});
}

TEST(history_check, a_fence_promises_nothing_for_other_keys) {
  planted on;
  on.fence({110 * ms, 120 * ms}).what = *scope::of("c1", "billing", std::nullopt);
  on.reads(1, 121 * ms);
  EXPECT_EQ(on.broken(), rules{});
}

TEST(history_check, each_kind_of_scope_is_held_to_what_it_covers) {
  const auto of_key = scope::exactly(some_key());
  for (const auto& what : {scope::everything(), *scope::matching("context:c1:*"), of_key,
                           *scope::of("c1", "support", std::nullopt)}) {
    planted on;
    on.fence({110 * ms, 120 * ms}).what = what;
    on.reads(1, 121 * ms);
    EXPECT_EQ(on.broken(), rules{1}) << name(what.kind());
  }
}

TEST(history_check, a_fence_in_a_split_counts_only_where_all_replicas_are_waited_for) {
  planted on;
  on.fence({110 * ms, 120 * ms});
  on.reads(1, 121 * ms);
  on.all.faults = {{"split", 115 * ms, 300 * ms}};
  EXPECT_EQ(on.broken(), rules{1});
  on.all.bounds.wait_all = false;
  EXPECT_EQ(on.broken(), rules{});
  on.all.faults = {{"split", 121 * ms, 300 * ms}};  // after it
  EXPECT_EQ(on.broken(), rules{1});
  const auto serving = 1'464 * ms;  // (L+S)·1.01 + 50 ms: so long the losing side's licences may last
  on.all.faults = {{"split", 90 * ms - serving, 110 * ms - serving}};
  EXPECT_EQ(on.broken(), rules{});
  on.all.faults = {{"split", 90 * ms - serving, 109 * ms - serving}};
  EXPECT_EQ(on.broken(), rules{1});
}

TEST(history_check, an_old_version_after_the_bound_is_v2) {
  planted on;
  on.invalidate({110 * ms, 120 * ms});
  on.reads(1, 120 * ms + bound);
  EXPECT_EQ(on.broken(), rules{});
  on.reads(1, 121 * ms + bound);
  EXPECT_EQ(on.broken(), rules{2});
}

TEST(history_check, what_a_split_may_have_lost_promises_nothing_elsewhere) {
  planted on;
  on.invalidate({110 * ms, 120 * ms});
  on.reads(1, 121 * ms + bound);
  on.all.faults = {{"split", 0, 110 * ms}};
  EXPECT_EQ(on.broken(), rules{});
  on.all.faults = {{"split", 0, 109 * ms}};
  EXPECT_EQ(on.broken(), rules{2});
}

TEST(history_check, what_is_queued_promises_nothing_elsewhere) {
  planted on;
  auto& queued = on.invalidate({110 * ms, 120 * ms});
  queued.status = 202;
  queued.queued = true;
  queued.at.reset();
  on.reads(1, 121 * ms + bound);
  EXPECT_EQ(on.broken(), rules{});
}

TEST(history_check, an_old_version_in_the_process_that_answered_is_v2) {
  for (const bool queued : {false, true}) {
    planted on;
    auto& one = on.invalidate({110 * ms, 120 * ms});
    one.queued = queued;
    if (queued) one.at.reset();
    on.reads(1, 120 * ms, "a.1");
    on.reads(1, 121 * ms, "a.2");  // started since
    EXPECT_EQ(on.broken(), rules{});
    on.reads(1, 121 * ms, "a.1");
    EXPECT_EQ(on.broken(), rules{2});
  }
}

TEST(history_check, no_answer_promises_nothing) {
  planted on;
  auto& one = on.invalidate({110 * ms, 120 * ms});
  one.status = 503;
  one.at.reset();
  on.reads(1, 121 * ms + bound, "a.1");
  EXPECT_EQ(on.broken(), rules{});
}

TEST(history_check, a_put_is_an_invalidation_of_its_key) {
  planted on;
  on.puts(2, {110 * ms, 120 * ms}, place(5));
  on.reads(1, 121 * ms + bound);
  on.reads(1, 121 * ms, "a.1");
  EXPECT_EQ(on.broken(), (rules{2, 2}));
}

TEST(history_check, the_later_of_two_puts_stays) {
  planted on;
  on.fence({130 * ms, 140 * ms}).at = place(6);
  auto& old = on.puts(1, {90 * ms, 135 * ms}, place(5));
  on.reads(1, 141 * ms);
  EXPECT_EQ(on.broken(), rules{1});  // the log says that it came before
  old.at = place(7);
  EXPECT_EQ(on.broken(), rules{});
  old.at = place(5, 8);  // of another epoch nobody knows
  EXPECT_EQ(on.broken(), rules{});
  old.when.answered = 130 * ms;
  EXPECT_EQ(on.broken(), rules{1});
  old.status = 0;  // it may come yet
  EXPECT_EQ(on.broken(), rules{});
}

TEST(history_check, an_old_version_long_after_the_next_commit_is_v3) {
  planted on;
  on.reads(1, 100 * ms + life);
  EXPECT_EQ(on.broken(), rules{});
  on.reads(1, 101 * ms + life).source = "stale";
  EXPECT_EQ(on.broken(), rules{});
  on.reads(1, 101 * ms + life);
  EXPECT_EQ(on.broken(), rules{3});
  on.puts(1, {100 * ms, 102 * ms}, place(4));  // its life begins then
  EXPECT_EQ(on.broken(), rules{});
}

TEST(history_check, a_commit_without_an_answer_promises_nothing) {
  planted on;
  on.all.commits[1].answered.reset();
  on.reads(1, 101 * ms + life);
  on.reads(2, 99 * ms);
  EXPECT_EQ(on.broken(), rules{});
}

TEST(history_check, an_older_version_than_its_token_is_v4) {
  planted on;
  on.invalidate({110 * ms, 120 * ms});
  on.reads(1, 121 * ms).min_position = place(4);
  on.reads(1, 121 * ms).min_position = place(9, 8);
  on.reads(2, 121 * ms).min_position = place(5);
  EXPECT_EQ(on.broken(), rules{});
  on.reads(1, 121 * ms).min_position = place(5);
  on.reads(1, 121 * ms).min_position = place(6);
  EXPECT_EQ(on.broken(), (rules{4, 4}));
}

TEST(history_check, a_body_that_was_not_asked_for_is_v5) {
  planted on;
  auto& one = on.reads(1, 50 * ms);
  one.body_customer = "c1";
  one.body_agent_type = "support";
  EXPECT_EQ(on.broken(), rules{});
  on.all.reads.back().body_agent_type = "billing";
  EXPECT_EQ(on.broken(), rules{5});
  on.all.reads.back().body_agent_type = "support";
  on.all.reads.back().body_customer = "c2";
  EXPECT_EQ(on.broken(), rules{5});
}

TEST(history_check, a_version_from_nowhere_is_v5) {
  planted on;
  on.reads(2, 98 * ms);  // while its commit begins
  EXPECT_EQ(on.broken(), rules{});
  on.reads(2, 97 * ms);
  on.reads(3, 500 * ms);
  EXPECT_EQ(on.broken(), (rules{5, 5}));
}

TEST(history_check, two_loads_at_a_time_in_one_process_are_v6) {
  planted on;
  on.loads({10 * ms, 20 * ms});
  on.loads({20 * ms, 40 * ms});
  on.loads({15 * ms, 45 * ms}, "a.1");
  EXPECT_EQ(on.broken(), rules{});
  on.loads({30 * ms, 50 * ms});
  EXPECT_EQ(on.broken(), rules{6});
  on.reads(1, 30 * ms).bypass = true;  // it may load for itself
  EXPECT_EQ(on.broken(), rules{});
}

TEST(history_check, qualifying_reads_follow_a_fence_where_the_old_value_was) {
  planted on;
  on.reads(1, 50 * ms);
  on.reads(1, 50 * ms, "c.1");
  on.reads(2, 105 * ms, "c.1");  // holds the new one
  on.fence({110 * ms, 120 * ms});
  on.reads(2, 120 * ms);         // too early
  on.reads(2, 121 * ms);         // counts
  on.reads(2, 1'120 * ms);       // counts
  on.reads(2, 1'121 * ms);       // too late
  on.reads(2, 121 * ms, "c.1");  // held the new one
  on.reads(2, 121 * ms, "d.1");  // held nothing
  on.reads(2, 122 * ms).version.reset();
  const auto found = check(on.all);
  EXPECT_TRUE(found.violations.empty());
  EXPECT_EQ(found.qualifying_reads, 2u);
}

}  // namespace
}  // namespace ctxcache::history
