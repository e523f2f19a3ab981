#include "coherence/validity.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "coherence/validity_test_support.hpp"
#include "support/manual_clock.hpp"

namespace ctxcache::coherence {
namespace {

TEST_F(validity_of, a_new_table_holds_everything_of_its_epoch_only) {
  EXPECT_TRUE(holds(plain, 0));
  EXPECT_FALSE(table.holds({plain, hash(plain)}, {epoch + 1, 99}));
}

TEST_F(validity_of, a_stamp_at_the_invalidation_is_valid_and_one_below_is_not) {
  invalidate(scope::of("cust_1", "support", "conv_1"), 11);
  EXPECT_FALSE(holds(talk, 10));
  EXPECT_TRUE(holds(talk, 11));
  EXPECT_TRUE(holds(other_talk, 10));
  EXPECT_TRUE(holds(plain, 10));
}

TEST_F(validity_of, an_agent_type_covers_its_conversations) {
  invalidate(scope::of("cust_1", "support", std::nullopt), 11);
  EXPECT_FALSE(holds(plain, 10));
  EXPECT_FALSE(holds(talk, 10));
  EXPECT_TRUE(holds(billing, 10));
  EXPECT_TRUE(holds(stranger, 10));
}

TEST_F(validity_of, an_objection_names_the_widest_scope_that_forbids) {
  const hashed_key where{talk, hash(talk)};
  const auto objection = [&](position stamp = {epoch, 10}) { return table.objection(where, stamp); };
  EXPECT_EQ(objection({epoch + 1, 10}), rejection::epoch);
  EXPECT_EQ(objection({0, 10}), rejection::epoch) << "taken while the table was rebuilt";
  EXPECT_EQ(objection(), rejection::pending) << "nothing that is in the table";
  invalidate(scope::matching("context:cust_1:*"), 11);
  EXPECT_EQ(objection(), rejection::pattern);
  invalidate(scope::of("cust_1", "support", "conv_1"), 12);
  EXPECT_EQ(objection(), rejection::key);
  invalidate(scope::of("cust_1", "support", std::nullopt), 13);
  EXPECT_EQ(objection(), rejection::agent_type);
  invalidate(scope::of("cust_1", std::nullopt, std::nullopt), 14);
  EXPECT_EQ(objection(), rejection::customer);
  EXPECT_EQ(objection({epoch, 13}), rejection::customer);
  EXPECT_EQ(objection({epoch, 14}), rejection::pending);
  invalidate(scope::everything(), 15);
  EXPECT_EQ(objection(), rejection::all);
}

TEST_F(validity_of, an_objection_says_when_only_a_neighbour_in_the_table_forbids) {
  validity small{{epoch, 10}, {.buckets = 1}};
  for (std::uint64_t n = 11; n < 15; ++n) {
    small.raise(*scope::of("other_" + std::to_string(n), std::nullopt, std::nullopt), hash, n);
  }
  const hashed_key where{plain, hash(plain)};
  ASSERT_FALSE(small.holds(where, {epoch, 10}));
  EXPECT_EQ(small.objection(where, {epoch, 10}), rejection::shared_bucket);
}

TEST_F(validity_of, an_objection_sees_the_neighbours_of_each_scope_of_a_key) {
  const auto bucket_of = [](std::uint64_t scope_hash) { return scope_hash & 1; };
  for (const bool whole : {false, true}) {
    validity small{{epoch, 10}, {.buckets = 2}};
    std::uint64_t n = 0;
    for (int raised = 0; raised < 4; ++n) {
      const auto other = *scope::of("other_" + std::to_string(n), std::nullopt, std::nullopt);
      if (bucket_of(hash(other)) == 1) small.raise(other, hash, 11 + raised++);
    }
    auto one = plain;
    const auto is_there = [&](const hashed_key& where) {
      const auto [customer, agent_type, all_of_it] = where.hash;
      return bucket_of(customer) == 0 && bucket_of(agent_type) == (whole ? 0 : 1) &&
             bucket_of(all_of_it) == (whole ? 1 : 0);
    };
    while (!is_there({one, hash(one)})) one = *key::make({"cust_" + std::to_string(n++), "support"});
    EXPECT_EQ(small.objection({one, hash(one)}, {epoch, 10}), rejection::shared_bucket) << whole;
  }
}

TEST_F(validity_of, exactly_one_key_leaves_its_conversations) {
  table.raise(scope::exactly(plain), hash, 11);
  EXPECT_FALSE(holds(plain, 10));
  EXPECT_TRUE(holds(talk, 10));
}

TEST_F(validity_of, a_customer_covers_all_agent_types) {
  invalidate(scope::of("cust_1", std::nullopt, std::nullopt), 11);
  for (const auto* one : {&plain, &talk, &other_talk, &billing}) EXPECT_FALSE(holds(*one, 10)) << one->text();
  EXPECT_TRUE(holds(stranger, 10));
}

TEST_F(validity_of, all_covers_everyone) {
  table.raise(scope::everything(), hash, 11);
  EXPECT_FALSE(holds(stranger, 10));
  EXPECT_TRUE(holds(stranger, 11));
}

TEST_F(validity_of, a_pattern_covers_what_it_matches) {
  invalidate(scope::matching("context:*:support"), 11);
  EXPECT_FALSE(holds(plain, 10));
  EXPECT_FALSE(holds(stranger, 10));
  EXPECT_TRUE(holds(billing, 10));
  EXPECT_TRUE(holds(talk, 10));
  EXPECT_TRUE(holds(plain, 11));
}

TEST_F(validity_of, the_oldest_pattern_folds_into_all_when_the_list_is_full) {
  for (std::uint64_t n = 1; n <= validity::patterns_max; ++n) {
    invalidate(scope::matching("context:x" + std::to_string(n) + ":*"), 100 + n);
  }
  EXPECT_TRUE(holds(stranger, 0));
  invalidate(scope::matching("context:y:*"), 200);
  EXPECT_FALSE(holds(stranger, 100));
  EXPECT_TRUE(holds(stranger, 101));
}

TEST_F(validity_of, the_same_pattern_again_takes_no_second_place) {
  for (std::uint64_t n = 1; n <= 2 * validity::patterns_max; ++n)
    invalidate(scope::matching("context:x:*"), n);
  EXPECT_TRUE(holds(stranger, 0));
}

TEST_F(validity_of, an_older_message_applied_late_lowers_nothing) {
  invalidate(scope::of("cust_1", std::nullopt, std::nullopt), 20);
  invalidate(scope::of("cust_1", std::nullopt, std::nullopt), 15);
  EXPECT_FALSE(holds(plain, 19));
  invalidate(scope::matching("context:cust_2:*"), 30);
  invalidate(scope::matching("context:cust_2:*"), 25);
  EXPECT_FALSE(holds(stranger, 29));
}

TEST_F(validity_of, newest_names_the_last_message_that_matches) {
  EXPECT_EQ(table.newest({plain, hash(plain)}), 0u);
  invalidate(scope::of("cust_1", "support", std::nullopt), 11);
  invalidate(scope::of("cust_1", std::nullopt, std::nullopt), 12);
  invalidate(scope::matching("context:*:support"), 13);
  EXPECT_EQ(table.newest({plain, hash(plain)}), 13u);
  EXPECT_EQ(table.newest({talk, hash(talk)}), 12u);
}

TEST_F(validity_of, an_entry_checked_once_is_checked_again_after_a_raise) {
  test::manual_clock time;
  table.license(time_point::max());
  entry value;
  value.stamp = table.current();
  EXPECT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
  EXPECT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
  invalidate(scope::of("cust_1", std::nullopt, std::nullopt), 11);
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now()));
}

TEST_F(validity_of, a_restart_forgets_the_old_epoch_and_keeps_what_the_messages_say) {
  invalidate(scope::of("cust_2", std::nullopt, std::nullopt), 11);
  const std::vector<validity::raised> messages{{*scope::of("cust_1", std::nullopt, std::nullopt), 5},
                                               {*scope::matching("context:*:billing"), 6}};
  table.restart({epoch + 1, 7}, 3, messages, hash);
  EXPECT_EQ(table.current(), (position{epoch + 1, 7}));
  EXPECT_FALSE(holds(stranger, 99));
  const auto holds_now = [&](const key& one, std::uint64_t n) {
    return table.holds({one, hash(one)}, {epoch + 1, n});
  };
  EXPECT_TRUE(holds_now(stranger, 3)) << "its invalidation was of the old epoch";
  EXPECT_FALSE(holds_now(stranger, 2)) << "below the floor";
  EXPECT_FALSE(holds_now(plain, 4));
  EXPECT_TRUE(holds_now(plain, 5));
  EXPECT_FALSE(holds_now(billing, 5));
  EXPECT_TRUE(holds_now(billing, 6));
}

TEST_F(validity_of, an_entry_found_valid_before_a_restart_is_looked_up_again_after_it) {
  test::manual_clock time;
  table.license(time_point::max());
  entry value;
  value.stamp = table.current();
  ASSERT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
  table.restart({epoch, 12}, 11, {}, hash);
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now()));
}

TEST_F(validity_of, the_position_only_rises) {
  table.advance(12);
  table.advance(11);
  EXPECT_EQ(table.current(), (position{epoch, 12}));
}

TEST_F(validity_of, a_raise_that_returned_is_seen_by_every_thread) {
  table.license(time_point::max());
  table.raise(*scope::of("cust_1", std::nullopt, std::nullopt), hash, 10);
  std::atomic<std::uint64_t> published{10};
  std::atomic<bool> stale{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      entry value;
      while (published.load() < 2000) {
        const auto before = published.load();
        value.stamp = {epoch, before - 1};
        value.checked_at = 0;
        if (table.serves({plain, hash(plain)}, value, time_point{})) stale = true;
      }
    });
  }
  for (std::uint64_t n = 11; n <= 2000; ++n) {
    table.raise(
        n % 2 == 0 ? *scope::of("cust_1", std::nullopt, std::nullopt) : *scope::matching("context:cust_1:*"),
        hash, n);
    published.store(n);
  }
  for (auto& reader : readers) reader.join();
  EXPECT_FALSE(stale);
}

}  // namespace
}  // namespace ctxcache::coherence
