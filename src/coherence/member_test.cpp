#include "coherence/member.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/manual_clock.hpp"

namespace ctxcache::coherence {
namespace {

using namespace std::chrono_literals;
using wanted = member::wanted;
using verdict = member::verdict;

constexpr std::uint64_t own_epoch = 1;
constexpr std::uint64_t epoch = 7;

class member_of_a_fleet : public testing::Test {
 protected:
  static log_message message(std::uint64_t n,
                             const scope& what = *scope::of("cust_1", std::nullopt, std::nullopt),
                             std::uint64_t in = epoch) {
    return {{in, n}, {.what = what}};
  }
  [[nodiscard]] bool holds(std::uint64_t n) const { return table.holds({one, hash(one)}, {epoch, n}); }
  [[nodiscard]] bool licensed() const { return table.licensed(time.now(), true); }
  wanted hear(std::uint64_t n, bool acknowledged = true, std::uint64_t in = epoch) {
    return process.heard(time.now(), time.now(), {{in, n}, acknowledged});
  }
  void publish(const position& at) {
    const auto what = *scope::of("cust_1", std::nullopt, std::nullopt);
    process.published(what, at, time.now(), table.mark_pending(what, time.now()));
  }
  /// Whether something that L2 had would be refused although rule 3 lets it pass.
  [[nodiscard]] bool pending() {
    entry value;
    value.stamp = {table.current().epoch, 1'000};
    table.license(time_point::max());
    return !table.serves({one, hash(one)}, value, time.now());
  }
  void join(std::uint64_t n = 0) {
    ASSERT_EQ(hear(n), wanted::join);
    ASSERT_TRUE(process.joined(time.now(), {epoch, n}, {}));
    ASSERT_EQ(hear(n), wanted::nothing);
  }

  test::manual_clock time;
  key_hasher hash;
  validity table{{own_epoch, 0}, {.grace = 10s, .own_loads = 60s}};
  member process{table, hash, {}};
  const key one = *key::make({"cust_1", "support"});
};

TEST_F(member_of_a_fleet, joins_before_it_is_licensed) {
  EXPECT_EQ(hear(3), wanted::join);
  EXPECT_FALSE(licensed());
  ASSERT_TRUE(process.joined(time.now(), {epoch, 3}, std::vector{message(2), message(3)}));
  EXPECT_FALSE(licensed());
  EXPECT_EQ(hear(3), wanted::nothing);
  EXPECT_TRUE(licensed());
  EXPECT_EQ(process.applied(), (position{epoch, 3}));
}

TEST_F(member_of_a_fleet, what_is_older_than_the_retained_log_is_not_valid) {
  ASSERT_TRUE(
      process.joined(time.now(), {epoch, 5},
                     std::vector{message(4, *scope::matching("x")), message(5, *scope::matching("x"))}));
  EXPECT_TRUE(holds(3));
  EXPECT_FALSE(holds(2));
  ASSERT_TRUE(process.joined(time.now(), {epoch, 9}, {}));
  EXPECT_TRUE(holds(9));
  EXPECT_FALSE(holds(8));
}

TEST_F(member_of_a_fleet, a_log_that_was_read_with_a_gap_or_too_short_is_read_again) {
  EXPECT_FALSE(process.joined(time.now(), {epoch, 3}, std::vector{message(1), message(3)}));
  EXPECT_FALSE(process.joined(time.now(), {epoch, 4}, std::vector{message(3)}));
  EXPECT_FALSE(
      process.joined(time.now(), {epoch, 3}, std::vector{message(3, scope::everything(), epoch + 1)}));
  EXPECT_FALSE(process.in_fleet());
}

TEST_F(member_of_a_fleet, applies_messages_in_order_and_rejoins_at_a_gap) {
  join();
  EXPECT_EQ(process.arrived(std::vector{message(1), message(2)}), wanted::nothing);
  EXPECT_FALSE(holds(1));
  EXPECT_TRUE(holds(2));
  EXPECT_EQ(process.arrived(std::vector{message(2)}), wanted::nothing) << "seen before";
  EXPECT_EQ(process.arrived(std::vector{message(4)}), wanted::join);
  EXPECT_FALSE(process.in_fleet());
  EXPECT_EQ(process.applied(), (position{epoch, 2}));
}

TEST_F(member_of_a_fleet, another_epoch_means_rejoin) {
  join();
  EXPECT_EQ(process.arrived(std::vector{message(1, scope::everything(), epoch + 1)}), wanted::join);
  join();
  EXPECT_EQ(hear(0, true, epoch + 1), wanted::join);
}

TEST_F(member_of_a_fleet, an_answer_that_was_overtaken_by_messages_is_no_lost_tail) {
  join();
  ASSERT_EQ(process.arrived(std::vector{message(1)}), wanted::nothing);
  EXPECT_EQ(hear(0), wanted::nothing) << "it may have been answered before";
  EXPECT_EQ(process.applied(), (position{epoch, 1}));
  EXPECT_EQ(hear(0), wanted::join) << "this one was sent after";
}

TEST_F(member_of_a_fleet, a_log_that_lost_its_tail_means_rejoin) {
  join(5);
  EXPECT_EQ(hear(4), wanted::join);
}

TEST_F(member_of_a_fleet, the_licence_counts_from_the_sending) {
  join();
  time.advance(1s);
  const auto sent = time.now();
  time.advance(1500ms);
  EXPECT_EQ(process.heard(sent, time.now(), {{epoch, 0}, true}), wanted::nothing);
  EXPECT_TRUE(licensed());
  time.advance(500ms);
  EXPECT_FALSE(licensed());
}

TEST_F(member_of_a_fleet, no_acknowledgement_no_licence) {
  join();
  time.advance(2s);
  EXPECT_EQ(hear(0, false), wanted::nothing);
  EXPECT_FALSE(licensed());
}

TEST_F(member_of_a_fleet, the_licence_waits_for_what_the_heartbeat_has_seen) {
  join();
  time.advance(2s);
  EXPECT_EQ(hear(2), wanted::nothing);
  EXPECT_FALSE(licensed());
  EXPECT_EQ(process.arrived(std::vector{message(1)}), wanted::nothing);
  EXPECT_FALSE(licensed());
  EXPECT_EQ(process.arrived(std::vector{message(2)}), wanted::nothing);
  EXPECT_TRUE(licensed());
}

TEST_F(member_of_a_fleet, applies_its_own_at_once_but_moves_only_with_the_log) {
  join();
  publish({epoch, 1});
  EXPECT_FALSE(holds(0));
  EXPECT_FALSE(pending());
  EXPECT_EQ(process.applied(), (position{epoch, 0}));
  EXPECT_EQ(process.arrived(std::vector{message(1)}), wanted::nothing);
  EXPECT_EQ(process.applied(), (position{epoch, 1}));
}

TEST_F(member_of_a_fleet, what_it_published_while_it_read_the_log_survives_the_joining) {
  ASSERT_EQ(hear(0), wanted::join);
  publish({epoch, 1});
  EXPECT_TRUE(pending()) << "the table is of another epoch";
  ASSERT_TRUE(process.joined(time.now(), {epoch, 0}, {})) << "read before it was published";
  EXPECT_FALSE(pending());
  EXPECT_FALSE(holds(0));
  EXPECT_TRUE(holds(1));
  ASSERT_TRUE(process.joined(time.now(), {epoch, 0}, {}));
  EXPECT_FALSE(holds(0)) << "as long as the log has not brought it";
}

TEST_F(member_of_a_fleet, what_it_published_in_an_epoch_that_is_over_is_pending_no_longer) {
  join();
  publish({epoch + 1, 1});
  time.advance(1ns);
  EXPECT_TRUE(pending());
  EXPECT_EQ(process.heard(time.now() - 2ns, time.now(), {{epoch, 0}, true}), wanted::nothing);
  EXPECT_TRUE(pending()) << "that heartbeat left before";
  EXPECT_EQ(hear(0), wanted::nothing);
  EXPECT_FALSE(pending());
}

TEST_F(member_of_a_fleet, its_own_message_waits_for_the_log_whatever_else_comes) {
  join();
  publish({epoch, 2});
  EXPECT_EQ(hear(2), wanted::nothing);
  EXPECT_EQ(process.arrived(std::vector{message(1, *scope::matching("x"))}), wanted::nothing);
  ASSERT_TRUE(process.joined(time.now(), {epoch, 1}, {}));
  EXPECT_FALSE(holds(1)) << "still known";
  ASSERT_TRUE(process.joined(time.now(), {epoch, 2}, std::vector{message(2)}));
  EXPECT_FALSE(holds(1));
  EXPECT_TRUE(holds(2));
}

TEST_F(member_of_a_fleet, its_own_message_of_another_epoch_stays_pending_while_it_joins_this_one) {
  join();
  publish({epoch + 1, 1});
  EXPECT_EQ(process.arrived(std::vector{message(1)}), wanted::nothing);
  ASSERT_TRUE(process.joined(time.now(), {epoch, 1}, {}));
  EXPECT_TRUE(pending());
  ASSERT_TRUE(process.joined(time.now(), {epoch + 1, 1}, {}));
  EXPECT_FALSE(pending());
}

TEST_F(member_of_a_fleet, its_own_message_may_come_by_the_log_before_it_is_answered) {
  join();
  ASSERT_EQ(process.arrived(std::vector{message(1)}), wanted::nothing);
  publish({epoch, 1});
  EXPECT_FALSE(pending());
  EXPECT_FALSE(holds(0));
  EXPECT_TRUE(holds(1));
}

TEST_F(member_of_a_fleet, before_it_has_joined_it_follows_nothing_and_vouches_for_nobody) {
  EXPECT_EQ(process.arrived(std::vector{message(1)}), wanted::join);
  EXPECT_EQ(process.applied(), (position{own_epoch, 0}));
  time.advance(process.silence_max());
  EXPECT_FALSE(process.epoch_is_old(time.now()));
}

TEST_F(member_of_a_fleet, a_fence_is_answered_by_a_heartbeat) {
  join();
  auto fence = message(1);
  fence.said.fence = true;
  EXPECT_EQ(process.arrived(std::vector{fence}), wanted::heartbeat);
}

class fence : public member_of_a_fleet {
 protected:
  void SetUp() override {
    join();
    time.advance(process.silence_max());
    published_at = time.now();
  }
  verdict judge(std::vector<member::fellow> fellows, position last = {epoch, 1}) {
    return process.judge_fence({epoch, 1}, published_at, last, fellows, time.now());
  }
  time_point published_at;
};

TEST_F(fence, is_confirmed_when_all_have_applied) {
  EXPECT_EQ(judge({{"a", 1}, {"b", 0}}), verdict::waiting);
  EXPECT_EQ(judge({{"a", 1}, {"b", 1}}), verdict::confirmed);
}

TEST_F(fence, is_confirmed_when_the_silent_can_no_longer_serve) {
  time.advance(process.deaf_max() - 1ns);
  EXPECT_EQ(judge({{"a", 0}}), verdict::waiting);
  time.advance(1ns);
  EXPECT_EQ(judge({{"a", 0}}), verdict::confirmed);
}

TEST_F(fence, starts_over_in_another_epoch) {
  EXPECT_EQ(judge({{"a", 1}}, {epoch + 1, 1}), verdict::start_over);
}

TEST_F(fence, waits_for_this_process_to_join_the_epoch) {
  EXPECT_EQ(process.judge_fence({epoch + 1, 1}, published_at, {epoch + 1, 1}, {}, time.now()),
            verdict::waiting);
}

TEST_F(fence, does_not_trust_a_young_registry) {
  ASSERT_EQ(hear(0, true, epoch + 1), wanted::join);
  ASSERT_TRUE(process.joined(time.now(), {epoch + 1, 0}, {}));
  auto published = time.now();
  const auto judged = [&] {
    return process.judge_fence({epoch + 1, 1}, published, {epoch + 1, 1}, {}, time.now());
  };
  EXPECT_EQ(judged(), verdict::waiting) << "others may not have registered in this epoch yet";
  published += process.silence_max();  // so that this is not for the time that has passed since
  time.advance(process.silence_max() - 1ns);
  EXPECT_EQ(judged(), verdict::waiting);
  time.advance(1ns);
  EXPECT_EQ(judged(), verdict::confirmed);
}

TEST_F(fence, trusts_a_registry_that_another_member_found_old) {
  ASSERT_EQ(hear(0, true, epoch + 1), wanted::join);
  ASSERT_TRUE(process.joined(time.now(), {epoch + 1, 0}, {}));
  const auto judged = [&] {
    return process.judge_fence({epoch + 1, 1}, time.now(), {epoch + 1, 1}, {}, time.now());
  };
  EXPECT_FALSE(process.epoch_is_old(time.now()));
  EXPECT_EQ(judged(), verdict::waiting);
  const member::beat_answer said{.last = {epoch + 1, 0}, .acknowledged = true, .epoch_is_old = true};
  ASSERT_EQ(process.heard(time.now(), time.now(), said), wanted::nothing);
  EXPECT_EQ(judged(), verdict::confirmed);
  ASSERT_EQ(hear(0, true, epoch + 2), wanted::join);
  ASSERT_TRUE(process.joined(time.now(), {epoch + 2, 0}, {}));
  EXPECT_FALSE(process.epoch_is_old(time.now())) << "said of another epoch";
}

TEST_F(member_of_a_fleet, that_is_expelled_serves_nothing) {
  join();
  ASSERT_TRUE(licensed());
  process.expel();
  EXPECT_FALSE(table.licensed(time.now()));
  EXPECT_FALSE(process.in_fleet());
}

}  // namespace
}  // namespace ctxcache::coherence
