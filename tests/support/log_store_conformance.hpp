#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "support/log_store_fixture.hpp"

// For each implementation, with a subject as the fixture describes it:
//     INSTANTIATE_TYPED_TEST_SUITE_P(fake, log_store_conformance, fake_subject);
namespace ctxcache::test {

TYPED_TEST_SUITE_P(log_store_conformance);

TYPED_TEST_P(log_store_conformance, is_empty_at_first) {
  EXPECT_TRUE(this->read(0).empty());
  EXPECT_EQ(*this->run(this->mine().first_retained(this->soon())), 0u);
  const auto members = this->run(this->mine().registered(this->soon()));
  ASSERT_TRUE(members) << members.error().message();
  EXPECT_TRUE(members->all.empty());
  EXPECT_EQ(members->last, position{});
}

TYPED_TEST_P(log_store_conformance, counts_messages_from_1_in_one_epoch_whoever_publishes) {
  const auto first = this->publish(this->mine());
  EXPECT_NE(first.epoch, 0u);
  EXPECT_EQ(first.sequence, 1u);
  EXPECT_EQ(this->publish(this->other()), (position{first.epoch, 2}));
  EXPECT_EQ(this->publish(this->mine()), (position{first.epoch, 3}));
  EXPECT_EQ(this->run(this->other().registered(this->soon()))->last, (position{first.epoch, 3}));
}

TYPED_TEST_P(log_store_conformance, gives_back_what_was_published) {
  const auto conversation = *key::make({"c:*", "support", "v"});
  const std::vector<log_record> said{
      {.what = scope::exactly(conversation), .reason = "ticket", .member = "m1"},
      {.what = *scope::of("c:*", "support", std::nullopt), .fence = true},
      {.what = *scope::of("c:*", std::nullopt, std::nullopt), .reason = std::string{"\0\r\n\xFF", 4}},
      {.what = *scope::matching("context:*:support"), .member = "m2", .fence = true},
      {.what = scope::everything(),
       .reason = "all",
       .said_at = wall_time{std::chrono::microseconds{1'700'000'000'123'456}}},
  };
  for (const auto& one : said) this->publish(this->mine(), one);
  const auto found = this->run(this->other().read(0, 10, this->soon()));
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->size(), said.size());
  for (std::size_t i = 0; i < said.size(); ++i) {
    const auto& got = (*found)[i];
    EXPECT_EQ(got.at, (position{found->front().at.epoch, i + 1}));
    EXPECT_EQ(got.said.what.kind(), said[i].what.kind());
    EXPECT_EQ(got.said.what.text(), said[i].what.text());
    EXPECT_EQ(got.said.reason, said[i].reason);
    EXPECT_EQ(got.said.member, said[i].member);
    EXPECT_EQ(got.said.fence, said[i].fence);
    EXPECT_EQ(got.said.said_at, said[i].said_at);
  }
}

TYPED_TEST_P(log_store_conformance, reads_what_is_behind_a_position_up_to_a_number) {
  for (int i = 0; i < 5; ++i) this->publish(this->mine());
  EXPECT_EQ(this->sequences(this->read(2)), (std::vector<std::uint64_t>{3, 4, 5}));
  EXPECT_EQ(this->sequences(this->read(1, 2)), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_TRUE(this->read(1, 0).empty());
  EXPECT_TRUE(this->read(5).empty());
  EXPECT_TRUE(this->read(1'000).empty());
}

TYPED_TEST_P(log_store_conformance, retains_the_newest_messages) {
  for (int i = 0; i < 400; ++i) this->publish(this->mine());
  const auto first = this->run(this->mine().first_retained(this->soon()));
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_GT(*first, 200u);
  EXPECT_LE(*first, 301u);
  const auto retained = this->sequences(this->read(0));
  ASSERT_EQ(retained.size(), 401 - *first);
  for (std::size_t i = 0; i < retained.size(); ++i) EXPECT_EQ(retained[i], *first + i);
}

TYPED_TEST_P(log_store_conformance, answers_a_heartbeat_with_its_end_and_its_constants) {
  const auto fresh = this->beat(this->other(), "m", {}, 1);  // `other` has constants of its own
  EXPECT_NE(fresh.last.epoch, 0u);
  EXPECT_EQ(fresh.last.sequence, 0u);
  EXPECT_EQ(fresh.replicas, 0u);
  const auto place = this->publish(this->mine());
  EXPECT_EQ(place.epoch, fresh.last.epoch);
  const auto later = this->beat(this->mine(), "m", place, 2);
  EXPECT_EQ(later.last, place);
  EXPECT_EQ(later.constants, fresh.constants);
}

TYPED_TEST_P(log_store_conformance, keeps_that_a_member_found_the_epoch_old) {
  const auto place = this->publish(this->mine());
  EXPECT_FALSE(this->beat(this->mine(), "a", {place.epoch + 1, 0}, 1, true).epoch_is_old)
      << "of another epoch";
  EXPECT_FALSE(this->beat(this->mine(), "a", place, 2).epoch_is_old);
  EXPECT_TRUE(this->beat(this->mine(), "a", place, 3, true).epoch_is_old);
  EXPECT_TRUE(this->beat(this->other(), "b", {}, 1).epoch_is_old);
}

TYPED_TEST_P(log_store_conformance, is_created_with_the_constants_of_its_first_member) {
  this->publish(this->mine());
  EXPECT_EQ(this->beat(this->other(), "m", {}, 1).constants, this->subject().constants());
}

TYPED_TEST_P(log_store_conformance, registers_who_beats_and_what_it_has_applied) {
  const auto place = this->publish(this->mine());
  this->beat(this->mine(), "a", place, 7);
  this->beat(this->other(), "b", {place.epoch + 1, 1}, 8);  // not of this epoch
  this->beat(this->other(), "b", {place.epoch + 1, 1}, 9);
  auto found = this->registered();
  ASSERT_EQ(found.size(), 2u);
  std::ranges::sort(found, {}, &log_store::member::id);
  EXPECT_EQ(found[0].id, "a");
  EXPECT_EQ(found[0].applied, 1u);
  EXPECT_EQ(found[0].count, 7u);
  EXPECT_EQ(found[1].id, "b");
  EXPECT_EQ(found[1].applied, 0u);
  EXPECT_EQ(found[1].count, 9u);
}

TYPED_TEST_P(log_store_conformance, removes_a_member_only_while_its_count_is_the_one_named) {
  this->beat(this->mine(), "a", {}, 17);
  EXPECT_FALSE(*this->run(this->other().remove("a", 7, this->soon())));
  EXPECT_FALSE(*this->run(this->other().remove("b", 17, this->soon())));
  ASSERT_EQ(this->registered().size(), 1u);
  EXPECT_TRUE(*this->run(this->other().remove("a", 17, this->soon())));
  EXPECT_TRUE(this->registered().empty());
}

TYPED_TEST_P(log_store_conformance, removes_a_member_without_a_count) {
  EXPECT_FALSE(*this->run(this->mine().remove("a", std::nullopt, this->soon())));
  this->beat(this->mine(), "a", {}, 1);
  this->beat(this->mine(), "b", {}, 1);
  EXPECT_TRUE(*this->run(this->mine().remove("a", std::nullopt, this->soon())));
  const auto left = this->registered();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].id, "b");
}

TYPED_TEST_P(log_store_conformance, tails_what_is_there_already) {
  for (int i = 0; i < 3; ++i) this->publish(this->mine());
  const auto found = this->run(this->mine().tail(1, std::chrono::hours{1}));
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(this->sequences(*found), (std::vector<std::uint64_t>{2, 3}));
}

TYPED_TEST_P(log_store_conformance, wakes_the_tail_when_another_publishes) {
  const auto last = this->publish(this->mine());
  const auto woken = this->begin(this->mine().tail(last.sequence, std::chrono::hours{1}));
  this->publish(this->other(), {.reason = "wake up"});
  ASSERT_TRUE(this->comes(woken));
  const auto& found = **woken;
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().at, (position{last.epoch, 2}));
  EXPECT_EQ(found->front().said.reason, "wake up");
}

TYPED_TEST_P(log_store_conformance, publishes_while_the_same_instance_tails) {
  const auto woken = this->begin(this->mine().tail(0, std::chrono::hours{1}));
  this->publish(this->mine());
  ASSERT_TRUE(this->comes(woken));
  ASSERT_TRUE(**woken);
  EXPECT_EQ((**woken)->size(), 1u);
}

TYPED_TEST_P(log_store_conformance, tails_nothing_when_nothing_comes) {
  for (const std::chrono::milliseconds wait : {std::chrono::milliseconds{0}, std::chrono::milliseconds{20}}) {
    const auto found = this->run(this->mine().tail(0, wait));
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_TRUE(found->empty());
  }
}

TYPED_TEST_P(log_store_conformance, ends_a_tail_when_it_is_woken) {
  this->mine().wake_tail();  // nobody waits yet
  const auto tailing = this->begin(this->mine().tail(7, std::chrono::hours{1}));
  this->publish(this->other());  // while it is answered, the tail gets under way
  EXPECT_FALSE(tailing->has_value());
  this->mine().wake_tail();
  ASSERT_TRUE(this->comes(tailing));
  ASSERT_TRUE(**tailing) << (**tailing).error().message();
  EXPECT_TRUE((**tailing)->empty());
}

TYPED_TEST_P(log_store_conformance, says_what_keeps_it) {
  const auto facts = this->run(this->mine().inspect(this->soon()));
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_FALSE(facts->version.empty());
  EXPECT_EQ(facts->eviction_policy, "noeviction");
  EXPECT_EQ(facts->maxmemory, 0u);
  EXPECT_EQ(facts->replicas_connected, 0u);
}

TYPED_TEST_P(log_store_conformance, has_no_replicas_by_itself) {
  this->publish(this->mine());
  const log_store::beat one{.member = "a", .applied = {}, .count = 1};
  const auto until = deadline::after(this->subject().time().now(), std::chrono::milliseconds{500});
  const auto answer = this->run(this->mine().heartbeat(one, 1, until));
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->replicas, 0u);
  const auto acknowledged = this->run(this->mine().wait(0, this->soon()));
  ASSERT_TRUE(acknowledged) << acknowledged.error().message();
  EXPECT_EQ(*acknowledged, 0u);
}

TYPED_TEST_P(log_store_conformance, a_passed_deadline_is_a_timeout) {
  EXPECT_EQ(this->run(this->mine().publish({}, this->passed())).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(this->mine().heartbeat({}, 0, this->passed())).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(this->mine().wait(0, this->passed())).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(this->mine().read(0, 1, this->passed())).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(this->mine().first_retained(this->passed())).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(this->mine().registered(this->passed())).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(this->mine().inspect(this->passed())).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(this->mine().remove("m", {}, this->passed())).error(), errc::l2_timeout);
  EXPECT_EQ(this->publish(this->mine()).sequence, 1u);  // none of it happened, and the next call works
}

TYPED_TEST_P(log_store_conformance, stop_ends_the_tail_and_all_that_follows) {
  const auto tailing = this->begin(this->mine().tail(0, std::chrono::hours{1}));
  this->publish(this->other());
  ASSERT_TRUE(this->comes(tailing));
  const auto waiting = this->begin(this->mine().tail(1, std::chrono::hours{1}));
  run_coroutine(this->subject().loop(), this->mine().stop());
  ASSERT_TRUE(this->comes(waiting));
  EXPECT_EQ((**waiting).error(), errc::l2_unavailable);
  EXPECT_EQ(this->run(this->mine().tail(0, std::chrono::hours{1})).error(), errc::l2_unavailable);
  EXPECT_EQ(this->run(this->mine().publish({}, this->soon())).error(), errc::l2_unavailable);
}

REGISTER_TYPED_TEST_SUITE_P(
    log_store_conformance, is_empty_at_first, counts_messages_from_1_in_one_epoch_whoever_publishes,
    gives_back_what_was_published, reads_what_is_behind_a_position_up_to_a_number,
    retains_the_newest_messages, answers_a_heartbeat_with_its_end_and_its_constants,
    keeps_that_a_member_found_the_epoch_old, is_created_with_the_constants_of_its_first_member,
    registers_who_beats_and_what_it_has_applied, removes_a_member_only_while_its_count_is_the_one_named,
    removes_a_member_without_a_count, tails_what_is_there_already, wakes_the_tail_when_another_publishes,
    publishes_while_the_same_instance_tails, tails_nothing_when_nothing_comes, ends_a_tail_when_it_is_woken,
    says_what_keeps_it, has_no_replicas_by_itself, a_passed_deadline_is_a_timeout,
    stop_ends_the_tail_and_all_that_follows);

}  // namespace ctxcache::test
