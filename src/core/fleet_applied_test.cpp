#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/fleet_test_support.hpp"

namespace ctxcache::test {
namespace {

using strings = std::vector<std::string>;

class fleet_applied : public fleet {
 protected:
  applied_page listed(const process& in, std::optional<position> after = std::nullopt) {
    return run(in.cache->applied(after, 100, {.at = time_point{}}));
  }
  static strings scopes(const applied_page& page) {
    strings found;
    for (const auto& one : page.messages) found.push_back(one.message.said.what.text());
    return found;
  }
  [[nodiscard]] bool reaches(const process& one, const position& at) {
    return comes_true([&] { return one.cache->at() == at && listed(one).next == at; });
  }
};

TEST_F(fleet_applied, is_what_any_process_said_with_its_name) {
  const auto one = join();
  const auto other = join();
  const auto done = invalidate(one, of("cust_1"), false);
  ASSERT_TRUE(done);
  for (const auto& each : {one, other}) {
    ASSERT_TRUE(reaches(each, done->at));
    const auto page = listed(each);
    ASSERT_EQ(page.messages.size(), 1U);
    EXPECT_EQ(page.messages[0].message.at, done->at);
    EXPECT_EQ(page.messages[0].message.said.member, one.id);
    EXPECT_EQ(page.messages[0].message.said.reason, "test");
    EXPECT_TRUE(page.messages[0].lag);
    EXPECT_EQ(each.cache->stats().lag.count, 1U);
    EXPECT_TRUE(listed(each, done->at).messages.empty());
  }
}

TEST_F(fleet_applied, begins_with_what_is_read_at_joining) {
  const auto one = join();
  ASSERT_TRUE(invalidate(one, of("cust_1")));
  const auto other = join();
  const auto found = listed(other);
  EXPECT_EQ(scopes(found), strings{"context:cust_1"});
  EXPECT_EQ(found.messages.at(0).lag, std::nullopt);
  EXPECT_EQ(other.cache->stats().lag.count, 0U);
  const auto done = invalidate(one, of("cust_2"));
  ASSERT_TRUE(done);
  ASSERT_TRUE(reaches(other, done->at));
  EXPECT_EQ(scopes(listed(other)), (strings{"context:cust_1", "context:cust_2"}));
}

TEST_F(fleet_applied, goes_on_in_a_new_epoch) {
  const auto one = join();
  const auto before = invalidate(one, of("cust_1"));
  ASSERT_TRUE(before);
  ASSERT_TRUE(reaches(one, before->at));
  log->new_epoch();
  ASSERT_TRUE(comes_true([&] { return one.cache->at().epoch != before->at.epoch; }));
  ASSERT_TRUE(comes_true([&] { return one.cache->at().sequence == 1 && listed(one).messages.size() == 2; }));
  EXPECT_EQ(scopes(listed(one, before->at)), strings{"context:cust_1"}) << "said again";
}

TEST_F(fleet_applied, counts_what_was_queued_from_its_publication) {
  const auto path = std::filesystem::path{testing::TempDir()} / "fleet_applied_test.journal";
  std::filesystem::remove(path);
  const auto one = join({.journal_path = path.string()});
  one.store->fail_with(fake_log_store::fault::down);
  const auto done = invalidate(one, of("cust_1"));
  ASSERT_TRUE(done && done->queued);
  EXPECT_TRUE(listed(one).messages.empty());
  pass(std::chrono::seconds{5});
  one.store->fail_with(fake_log_store::fault::none);
  ASSERT_TRUE(comes_true([&] { return listed(one).messages.size() == 1; }));
  EXPECT_EQ(listed(one).messages[0].lag, std::chrono::microseconds::zero());
}

TEST_F(fleet_applied, wakes_who_waits_for_it) {
  const auto one = join();
  const auto other = join();
  std::optional<applied_page> got;
  boost::asio::co_spawn(loop, other.cache->applied(other.cache->at(), 100, {}),
                        [&](std::exception_ptr, applied_page page) { got = std::move(page); });
  ASSERT_TRUE(invalidate(one, of("cust_1")));
  ASSERT_TRUE(comes_true([&] { return got.has_value(); }));
  EXPECT_EQ(scopes(*got), strings{"context:cust_1"});
}

TEST_F(fleet_applied, refusals_are_counted_where_the_value_was_found_and_by_what_forbids_it) {
  const auto one = join();
  const auto other = join();
  EXPECT_EQ(from(one, support), origin::provider);
  EXPECT_EQ(from(one, talk), origin::provider);
  EXPECT_EQ(from(other, support), origin::l2);
  l2->fail_with(fake_l2::fault::down);  // nothing is unlinked: the rule alone forbids it
  const auto done = invalidate(one, of("cust_1"));
  ASSERT_TRUE(done);
  ASSERT_TRUE(reaches(other, done->at));
  l2->fail_with(fake_l2::fault::none);
  EXPECT_EQ(from(other, support), origin::provider);
  const auto stats = other.cache->stats();
  EXPECT_EQ(stats.rejected(rejecting_tier::l1), 1U) << "once, however often the reader looks";
  EXPECT_EQ(stats.rejected(rejecting_tier::l2), 1U);
  EXPECT_EQ(stats.rejected(rejection::customer), 2U);
  EXPECT_EQ(stats.stale_rejected, 2U);
}

TEST_F(fleet_applied, a_load_that_was_overtaken_is_refused_to_who_joined_it_since) {
  auto& cache = start();
  source->held = true;
  const auto first = begin_get(cache, support);
  orchestrator_fixture::invalidate(cache, of("cust_1"));
  const auto second = begin_get(cache, support);
  source->release();
  settle();
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ(cache.stats().rejected(rejecting_tier::flight), 1U);
}

TEST_F(fleet_applied, what_only_a_shared_bucket_forbids_is_told_apart) {
  const auto one = join({.table_slots = 8});
  EXPECT_EQ(from(one, support), origin::provider);
  std::optional<position> last;
  for (const auto* const customer : {"a", "b", "c", "d"}) last = invalidate(one, of(customer))->at;
  ASSERT_TRUE(reaches(one, *last));
  EXPECT_EQ(from(one, support), origin::provider) << "no scope of its own was invalidated";
  EXPECT_GE(one.cache->stats().rejected(rejection::shared_bucket), 1U);
}

TEST_F(fleet_applied, fences_are_timed) {
  const auto one = join();
  pass(std::chrono::seconds{63});
  ASSERT_TRUE(comes_true([&] { return one.cache->fleet().licensed; }));
  ASSERT_TRUE(invalidate(one, of("cust_1"), true));
  const auto stats = one.cache->stats();
  EXPECT_EQ(stats.fences_confirmed, 1U);
  EXPECT_EQ(stats.fences.count, 1U);
}

}  // namespace
}  // namespace ctxcache::test
