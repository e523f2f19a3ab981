// What a warmer does beside its jobs: keeps entries warm, credits hits, and fills memory.
#include <algorithm>
#include <set>

#include "warming/warmer_test_support.hpp"

namespace ctxcache::warming {
namespace {

using namespace std::chrono_literals;
using state = job_report::state;

class keeping_warm : public warming_fleet {
 protected:
  std::size_t hits(process& by, std::size_t of = 0) {
    return run(by.warming->runs(10, {}))->at(of).hit_later;
  }
  std::vector<std::string> lines(const std::string& list) { return *run(facts->list(list, 100, {})); }
};

TEST_F(keeping_warm, entries_are_refreshed_before_they_expire_until_the_hold_is_over) {
  auto& a = start_process({}, {.l2_cache_ttl = 300s});
  const auto id = begin_job(a, {.segments = {"enterprise"}, .agent_types = {"support"}, .hold = 20min}).id;
  static_cast<void>(reached(a, id, state::holding));
  auto& pages = *std::dynamic_pointer_cast<fake_segment>(segments["enterprise"]);
  for (auto passed = 0s; passed < 19min; passed += 50s) {
    const auto read = pages.pages_read;
    time.advance(50s);
    until([&] { return pages.pages_read >= read + 2; });
    static_cast<void>(reached(a, id, state::holding));
    for (std::size_t n = 1; n <= 4; ++n) ASSERT_TRUE(is_warm(a, of_customer(n))) << passed.count();
  }
  time.advance(1min);
  const auto job = ended(a, id);
  EXPECT_EQ(job.now, state::done);
  EXPECT_EQ(job.already_warm, 0U) << "a refreshed entry is a loaded one";
  EXPECT_EQ(job.loaded, static_cast<std::size_t>(source->loads));
  EXPECT_GE(source->loads, 4 * 4);
  EXPECT_LE(source->loads, 4 * 8) << "each at most twice in its life";
  EXPECT_EQ(job.customers_done, 4U);
}

TEST_F(keeping_warm, is_taken_up_when_its_process_died) {
  auto& a = start_process({}, {.l2_cache_ttl = 300s});
  auto& b = start_process({}, {.l2_cache_ttl = 300s});
  const auto id = begin_job(a, {.segments = {"enterprise"}, .hold = 10min}).id;
  static_cast<void>(reached(a, id, state::holding));
  time.advance(1s);
  static_cast<void>(reached(b, id, state::holding));
  a.store->down = true;
  time.advance(9s);
  until([&] { return b.warming->totals().running == 1; });
  static_cast<void>(reached(b, id, state::holding));
  const auto loads = source->loads;
  time.advance(240s);
  until([&] { return source->loads >= loads + 8; });
  time.advance(10min);
  EXPECT_EQ(ended(b, id).now, state::done);
}

TEST_F(keeping_warm, only_a_job_with_a_hold_says_that_it_holds) {
  auto& a = start_process();
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  std::set<state> seen;
  until([&] {
    const auto now = show(a, id);
    seen.insert(now->now);
    return now->ended_at.has_value();
  });
  EXPECT_EQ(seen, (std::set{state::running, state::done}));
}

TEST_F(keeping_warm, can_be_cancelled) {
  auto& a = start_process();
  const auto id = begin_job(a, {.segments = {"enterprise"}, .hold = 1h}).id;
  static_cast<void>(reached(a, id, state::holding));
  static_cast<void>(run(a.warming->cancel(id, {})));
  EXPECT_EQ(ended(a, id).now, state::cancelled);
}

TEST_F(keeping_warm, runs_are_credited_with_later_hits_in_every_process) {
  auto& a = start_process();
  auto& b = start_process();
  const auto job = warm(a, {.segments = {"enterprise"}});
  ASSERT_NE(job.run, 0U);
  EXPECT_EQ(hits(b), 0U);
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE(get(*a.cache, of_customer(1)));
    ASSERT_TRUE(get(*b.cache, of_customer(1)));
    ASSERT_TRUE(get(*b.cache, of_customer(2, "billing")));
  }
  time.advance(1s);
  until([&] { return hits(a) == 2; });
  const auto all = *run(a.warming->runs(10, {}));
  EXPECT_EQ(all[0].job.id, job.id);
  EXPECT_EQ(all[0].job.loaded, 8U);
}

TEST_F(keeping_warm, hits_are_credited_when_the_store_is_back) {
  auto& a = start_process();
  static_cast<void>(warm(a, {.segments = {"enterprise"}}));
  ASSERT_TRUE(get(*a.cache, of_customer(1)));
  a.store->down = true;
  time.advance(1s);
  until([&] { return a.store->marks_refused > 0; });
  a.store->down = false;
  time.advance(10s);
  until([&] { return hits(a) == 1; });
}

TEST_F(keeping_warm, runs_are_listed_newest_first_while_they_run_and_with_their_hits_for_good) {
  auto& a = start_process({}, {.l2_cache_ttl = 300s});
  const auto first = warm(a, {.segments = {"enterprise"}});
  time.advance(1s);
  source->held = true;
  const auto second = begin_job(a, {.segments = {"at_risk"}, .refresh = true});
  ASSERT_TRUE(get(*a.cache, of_customer(1)));
  time.advance(1s);
  until([&] { return hits(a, 1) == 1; });
  auto all = *run(a.warming->runs(10, {}));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].job.id, second.id);
  EXPECT_EQ(all[0].job.now, state::running);
  EXPECT_EQ(all[1].job.id, first.id);
  EXPECT_EQ(run(a.warming->runs(1, {}))->size(), 1U);
  source->release();
  static_cast<void>(ended(a, second.id));
  time.advance(7min);
  until([&] {
    const auto runs = lines("warm/runs");
    return std::ranges::all_of(runs, [](const auto& one) { return one.find("hit_later") != one.npos; });
  });
  time.advance(200h);  // the marks are gone
  all = *run(a.warming->runs(10, {}));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].hit_later, 1U);
  EXPECT_FALSE(show(a, first.id)) << "a day after its end only its line in the list is left";
}

TEST_F(keeping_warm, process_that_starts_again_has_its_hottest_keys_in_memory) {
  auto& a = start_process({.hot_keys = 2});
  for (std::size_t n = 1; n <= 3; ++n) ASSERT_TRUE(get(*a.cache, of_customer(n)));
  time.advance(10s);
  until([&] { return run(facts->get("warm/hot", {}))->has_value(); });
  auto& again = start_process({.hot_keys = 2});
  EXPECT_EQ(again.cache->stats().l1_size, 2U);
  EXPECT_EQ(get(*again.cache, of_customer(3))->from, origin::l1);
  EXPECT_EQ(get(*again.cache, of_customer(2))->from, origin::l1);
  EXPECT_EQ(get(*again.cache, of_customer(1))->from, origin::l2) << "not among the two hottest";
  run(again.warming->stop());
  EXPECT_NE(run(facts->get("warm/hot", {}))->value().find("c0000001"), std::string::npos)
      << "noted when it stopped";
}

TEST_F(keeping_warm, process_that_knows_little_keeps_what_others_found_hot) {
  auto& a = start_process();
  auto& b = start_process();
  ASSERT_TRUE(get(*a.cache, of_customer(1)));
  run(a.warming->stop());
  ASSERT_TRUE(get(*b.cache, of_customer(2)));
  run(b.warming->stop());
  EXPECT_EQ(run(facts->get("warm/hot", {}))->value(),
            R"(["context:c0000002:support","context:c0000001:support"])");
}

TEST_F(keeping_warm, start_is_not_held_up_without_the_store_or_by_rubbish_in_it) {
  run(facts->put({"warm/hot", "{", 1h}, std::nullopt, {}));
  EXPECT_EQ(start_process().cache->stats().l1_size, 0U);
  run(facts->put({"warm/hot", R"(["context:a:support","nonsense"])", 1h}, std::nullopt, {}));
  EXPECT_EQ(start_process().cache->stats().l1_size, 0U);
  begin_without_store = true;
  EXPECT_EQ(start_process().cache->stats().l1_size, 0U);
}

TEST_F(keeping_warm, memory_of_other_processes_is_filled_too_and_nothing_evicted) {
  auto& a = start_process();
  auto& b = start_process();
  auto& full = start_process({}, {.l1_cache_max_size = 2});
  time.advance(1s);
  settle();
  ASSERT_TRUE(get(*full.cache, *key::make({"x", "support"})));
  ASSERT_TRUE(get(*full.cache, *key::make({"y", "support"})));
  static_cast<void>(warm(a, {.segments = {"enterprise"}}));
  as_time_passes([&] { return b.cache->stats().l1_size == 8; });
  EXPECT_EQ(get(*b.cache, of_customer(4))->from, origin::l1);
  EXPECT_EQ(full.cache->stats().l1_evictions, 0U);
  EXPECT_EQ(get(*full.cache, *key::make({"x", "support"}))->from, origin::l1);
}

TEST_F(keeping_warm, memory_is_filled_when_the_store_can_say_again_with_what) {
  auto& a = start_process();
  auto& b = start_process();
  settle();
  b.store->forgetful = "/keys";
  static_cast<void>(warm(a, {.segments = {"enterprise"}}));
  as_time_passes([&] { return b.store->reads_refused > 0; });
  b.store->forgetful.clear();
  settle();
  EXPECT_EQ(b.cache->stats().l1_size, 0U);
  as_time_passes([&] { return b.cache->stats().l1_size == 8; });
}

TEST_F(keeping_warm, what_was_hot_in_a_process_comes_first) {
  auto& a = start_process();
  auto& b = start_process({}, {.l1_cache_ttl = 30s, .l1_cache_max_size = 1});
  ASSERT_TRUE(get(*b.cache, of_customer(3, "billing")));
  time.advance(10s);
  until([&] { return run(facts->get("warm/hot", {}))->has_value(); });
  ASSERT_TRUE(get(*b.cache, *key::make({"x", "support"})));
  invalidate(*b.cache, of("x"));
  ASSERT_EQ(b.cache->stats().l1_size, 0U) << "its room was needed, and is free now";
  static_cast<void>(warm(a, {.segments = {"enterprise"}}));
  time.advance(1s);
  until([&] { return b.cache->stats().l1_size == 1; });
  EXPECT_EQ(get(*b.cache, of_customer(3, "billing"))->from, origin::l1);
}

}  // namespace
}  // namespace ctxcache::warming
