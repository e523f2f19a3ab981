#include "core/fleet_log.hpp"

#include <filesystem>

#include "core/fleet_test_support.hpp"

namespace ctxcache::test {
namespace {

using namespace std::chrono_literals;

TEST_F(fleet, serves_from_its_cache_once_it_has_joined) {
  const auto one = join();
  EXPECT_EQ(from(one, support), origin::provider);
  EXPECT_EQ(from(one, support), origin::l1);
  const auto other = join();
  EXPECT_EQ(from(other, support), origin::l2) << "what others stored counts";
}

TEST_F(fleet, an_invalidation_reaches_the_others_and_their_tiers) {
  const auto one = join();
  const auto other = join();
  EXPECT_EQ(from(one, support), origin::provider);
  EXPECT_EQ(from(other, support), origin::l2);
  const auto done = invalidate(one, of("cust_1"));
  ASSERT_TRUE(done);
  ASSERT_TRUE(comes_true([&] { return other.cache->at() == done->at; }));
  EXPECT_EQ(from(other, support), origin::provider);
}

TEST_F(fleet, an_invalidation_costs_one_round_trip_to_redis) {
  const auto one = join();
  EXPECT_EQ(from(one, support), origin::provider);
  const auto unlinks = l2->calls().unlink;
  one.store->hold_messages(true);
  const auto done = begin_invalidate(one, of("cust_1"));
  EXPECT_TRUE(comes_true([&] { return l2->calls().unlink == unlinks + 1; })) << "beside the publication";
  EXPECT_FALSE(done->has_value());
  one.store->hold_messages(false);
  ASSERT_TRUE(comes_true([&] { return done->has_value(); }));
  ASSERT_TRUE(**done);
  EXPECT_EQ((**done)->unlinked_l2, 1U);
  EXPECT_TRUE((**done)->l2_reached);
}

TEST_F(fleet, what_was_stored_behind_a_message_not_heard_of_is_left_in_l2_and_not_served) {
  const auto one = join();
  const auto other = join();
  one.store->hold_tail(true);
  ASSERT_TRUE(invalidate(other, of("cust_2")));
  ASSERT_TRUE(comes_true([&] { return other.cache->at().sequence == 1; }));
  EXPECT_EQ(from(other, support), origin::provider);
  const auto done = invalidate(one, of("cust_1"));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->unlinked_l2, 0U) << "its stamp is above all that this process knows of";
  ASSERT_TRUE(comes_true([&] { return other.cache->at() == done->at; }));
  EXPECT_EQ(from(one, support), origin::provider);
  EXPECT_EQ(from(other, support), origin::provider);
  EXPECT_EQ(from(other, support), origin::l1);
}

TEST_F(fleet, a_fence_is_confirmed_when_all_have_applied_it) {
  const auto one = join();
  const auto other = join();
  pass(63s);  // the registry of a young epoch is not trusted
  ASSERT_TRUE(comes_true([&] { return one.cache->fleet().licensed && other.cache->fleet().licensed; }));
  EXPECT_EQ(from(other, support), origin::provider);
  other.store->hold_tail(true);
  const auto done = begin_invalidate(one, of("cust_1"), true);
  ASSERT_TRUE(comes_true([&] { return one.cache->at().sequence == 1; }));
  const auto waiting = run(one.cache->fence_at(one.cache->at(), {}));
  ASSERT_TRUE(waiting);
  EXPECT_FALSE(waiting->confirmed);
  EXPECT_EQ(from(other, support), origin::l1) << "it has not heard of it, and the fence does not say so";
  EXPECT_FALSE(done->has_value());
  other.store->hold_tail(false);
  ASSERT_TRUE(comes_true([&] { return done->has_value(); }));
  ASSERT_TRUE(**done);
  EXPECT_TRUE((**done)->fenced->report.confirmed);
  EXPECT_EQ((**done)->fenced->report.members.size(), 2U);
  EXPECT_EQ(from(other, support), origin::provider);
}

TEST_F(fleet, without_the_log_the_cache_is_served_for_the_grace_and_own_loads_for_longer) {
  const auto one = join();
  const auto other = join();
  EXPECT_EQ(from(one, support), origin::provider);
  EXPECT_EQ(from(other, support), origin::l2);
  for (auto* way : {one.store, other.store}) way->fail_with(fake_log_store::fault::down);
  pass(2s + 9s);
  EXPECT_EQ(from(other, support), origin::l1);
  EXPECT_EQ(from(other, support, {.strict = true}), origin::provider) << "strict: no grace";
  EXPECT_EQ(from(one, billing), origin::provider);
  pass(2s);
  EXPECT_EQ(from(one, billing), origin::l1) << "its own, two seconds old";
  EXPECT_EQ(from(one, support), origin::provider) << "too old for one's own";
  pass(60s);
  EXPECT_EQ(from(one, billing), origin::provider);
  EXPECT_EQ(from(one, billing), origin::provider) << "own loads have an end";
}

TEST_F(fleet, an_invalidation_that_cannot_be_published_is_refused_without_a_journal) {
  const auto one = join();
  EXPECT_EQ(from(one, support), origin::provider);
  one.store->fail_with(fake_log_store::fault::down);
  const auto done = invalidate(one, of("cust_1"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), errc::log_unavailable);
  EXPECT_EQ(from(one, support), origin::l1) << "nothing was done";
}

TEST_F(fleet, with_a_journal_it_is_queued_holds_here_and_is_published_later) {
  const auto path = std::filesystem::path{testing::TempDir()} / "fleet_log_test.journal";
  std::filesystem::remove(path);
  const auto one = join({.journal_path = path.string()});
  const auto other = join();
  EXPECT_EQ(from(one, support), origin::provider);
  EXPECT_EQ(from(other, support), origin::l2);
  one.store->fail_with(fake_log_store::fault::down);
  const auto done = invalidate(one, of("cust_1"));
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->queued);
  EXPECT_EQ(one.cache->fleet().queued, 1U);
  EXPECT_EQ(from(one, support), origin::provider) << "neither L1 nor L2";
  EXPECT_EQ(from(one, support), origin::l1) << "loaded since";
  EXPECT_EQ(from(other, support), origin::l1) << "has not heard of it";
  one.store->fail_with(fake_log_store::fault::none);
  ASSERT_TRUE(comes_true([&] { return other.cache->at().sequence == 1; }));
  EXPECT_EQ(from(other, support), origin::provider);
  EXPECT_TRUE(comes_true([&] { return one.cache->fleet().queued == 0; }));
}

TEST_F(fleet, what_is_put_is_as_old_as_the_call) {
  const auto path = std::filesystem::path{testing::TempDir()} / "fleet_log_test_put.journal";
  std::filesystem::remove(path);
  const auto one = join({.journal_path = path.string()});
  one.store->fail_with(fake_log_store::fault::down);
  pass(2s + 10s);  // from here on, only own loads less than the grace old are served
  one.store->on_publish([&] { pass(9s); });  // the whole process sleeps
  const auto done = run(one.cache->put(support, R"({"version":2})", deadline::after(time.now(), 60s)));
  one.store->on_publish({});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->queued);
  EXPECT_EQ(from(one, support), origin::l1);
  pass(1s);
  EXPECT_EQ(from(one, support), origin::provider) << "another may have put something since";
}

TEST_F(fleet, what_an_earlier_process_queued_is_pending_before_the_fleet_is_joined) {
  const auto path = std::filesystem::path{testing::TempDir()} / "fleet_log_test_restart.journal";
  std::filesystem::remove(path);
  const auto other = join();
  EXPECT_EQ(from(other, support), origin::provider);
  {
    const auto one = join({.journal_path = path.string()});
    one.store->fail_with(fake_log_store::fault::down);
    ASSERT_TRUE(invalidate(one, of("cust_1")));
    run(made.back()->stop());
    made.pop_back();
  }
  const auto again = join({.journal_path = path.string()});
  EXPECT_EQ(from(again, support), origin::provider) << "what L2 holds was loaded before";
  ASSERT_TRUE(comes_true([&] { return other.cache->at().sequence == 1; }));
  EXPECT_NE(from(other, support), origin::l1);
}

TEST_F(fleet, another_epoch_voids_what_was_loaded_and_lately_said_messages_are_said_again) {
  const auto one = join();
  const auto other = join();
  EXPECT_EQ(from(other, support), origin::provider);
  ASSERT_TRUE(invalidate(one, of("cust_2")));
  const auto before = one.cache->at().epoch;
  log->new_epoch();
  ASSERT_TRUE(comes_true([&] {
    return other.cache->at().epoch != before && other.cache->at().sequence == 1 &&
           other.cache->fleet().licensed;
  })) << "joined, and heard of cust_2 again";
  EXPECT_EQ(from(other, support), origin::provider);
  EXPECT_EQ(other.cache->stats().epochs_joined, 2U);
}

TEST_F(fleet, a_scope_is_said_again_once_and_for_a_minute_however_often_the_epoch_changes) {
  const auto one = join();
  ASSERT_TRUE(invalidate(one, of("cust_2")));
  ASSERT_TRUE(invalidate(one, of("cust_2")));
  const auto said_in_next_epoch = [&] {
    const auto before = one.cache->at().epoch;
    log->new_epoch();
    EXPECT_TRUE(comes_true([&] {
      const auto now = one.cache->fleet();
      return one.cache->at().epoch != before && now.queued == 0 && now.licensed;
    }));
    return run(one.store->registered({}))->last.sequence;
  };
  EXPECT_EQ(said_in_next_epoch(), 1U);
  pass(50s);
  EXPECT_EQ(said_in_next_epoch(), 1U) << "lost again";
  pass(20s);
  EXPECT_EQ(said_in_next_epoch(), 0U) << "saying it again made it no younger";
}

TEST_F(fleet, another_fleets_constants_are_refused) {
  fleet_settings settings;
  settings.constants.grace = 1s;
  auto& cache = with_log(std::make_unique<fake_log_store>(log, time), settings);
  EXPECT_TRUE(run(cache.start(deadline::after(time.now(), 50ms))));
  EXPECT_FALSE(cache.fleet().joined);
  EXPECT_NE(cache.fleet().refusal.find("grace 10000 ms"), std::string::npos) << cache.fleet().refusal;
  EXPECT_EQ(run(cache.get(support, {}))->from, origin::provider);
  EXPECT_EQ(run(cache.get(support, {}))->from, origin::provider);
  fake_log_store look{log, time};
  EXPECT_TRUE(comes_true([&] { return run(look.registered({}))->all.empty(); })) << "no fence waits for it";
}

TEST_F(fleet, a_read_with_a_position_waits_for_it_or_asks_the_providers) {
  const auto one = join();
  const auto other = join();
  EXPECT_EQ(from(other, support), origin::provider);
  other.store->hold_tail(true);
  const auto done = invalidate(one, of("cust_2"));
  ASSERT_TRUE(done);
  EXPECT_EQ(from(other, support), origin::l1);
  EXPECT_EQ(from(other, support, {.min_position = done->at}), origin::provider);
  other.store->hold_tail(false);
  ASSERT_TRUE(comes_true([&] { return other.cache->at() == done->at; }));
  EXPECT_EQ(from(other, support, {.min_position = done->at}), origin::l1);
  EXPECT_EQ(from(other, support, {.min_position = position{done->at.epoch + 1, 1}}), origin::provider);
}

TEST_F(fleet, a_put_while_the_log_is_away_holds_here) {
  const auto path = std::filesystem::path{testing::TempDir()} / "fleet_log_test_put.journal";
  std::filesystem::remove(path);
  const auto one = join({.journal_path = path.string()});
  EXPECT_EQ(from(one, support), origin::provider);
  one.store->fail_with(fake_log_store::fault::down);
  const auto done = run(one.cache->put(support, R"({"mine":1})", {}));
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->queued);
  EXPECT_FALSE(done->stored_l2);
  const auto got = get(*one.cache, support);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->value->body, R"({"mine":1})");
}

TEST_F(fleet, a_member_that_leaves_is_not_waited_for) {
  const auto one = join();
  join();
  run(made.back()->stop());
  made.pop_back();
  pass(63s);
  ASSERT_TRUE(comes_true([&] { return one.cache->fleet().licensed; }));
  const auto done = invalidate(one, of("cust_1"), true);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->fenced->report.members.size(), 1U);
}

}  // namespace
}  // namespace ctxcache::test
