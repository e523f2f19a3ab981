#include "changes/intake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "changes/changes_test_support.hpp"

namespace ctxcache::changes {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using verdict = outcome::verdict;

constexpr const char* version_2 = R"({"version":2})";

class an_intake : public test::intake_fixture {
 protected:
  // An event that a rule is for and that does not say whose it is.
  static change without_customer(std::string id = {}) {
    return {.type = "ticket.created", .source = "crm", .id = std::move(id), .document = R"({"a":1})"};
  }
};

TEST_F(an_intake, makes_the_next_read_fresh) {
  auto& cache = start();
  auto& events = open(cache, store);
  ASSERT_TRUE(get(cache, support));
  source->truth = version_2;
  const auto done = take(events, about("ticket.created", "1"));
  EXPECT_EQ(done.what, verdict::invalidated);
  EXPECT_EQ(done.type, "ticket.created");
  EXPECT_EQ(done.source, "crm");
  EXPECT_EQ(done.id, "1");
  ASSERT_EQ(done.receipts.size(), 1u);
  EXPECT_EQ(done.receipts[0].what.text(), support.text());
  EXPECT_EQ(done.receipts[0].matched_l1, 1u);
  EXPECT_EQ(get(cache, support)->value->body, version_2);
}

TEST_F(an_intake, leaves_other_agent_types_alone) {
  auto& cache = start();
  auto& events = open(cache, store);
  ASSERT_TRUE(get(cache, billing));
  take(events, about("ticket.created"));
  EXPECT_EQ(get(cache, billing)->from, origin::l1);
}

TEST_F(an_intake, has_a_receipt_for_each_scope) {
  auto& events = open(start(), store, {.rules = {{.type = "*", .agent_types = {"support", "sales"}}}});
  const auto done = take(events, about("t"));
  ASSERT_EQ(done.receipts.size(), 2u);
  EXPECT_EQ(done.receipts[0].what.text(), "context:cust_1:support");
  EXPECT_EQ(done.receipts[1].what.text(), "context:cust_1:sales");
}

TEST_F(an_intake, ignores_types_that_it_has_no_rule_for) {
  auto& events = open();
  const auto done = take(events, about("import.completed"));
  EXPECT_EQ(done.what, verdict::ignored);
  EXPECT_TRUE(done.receipts.empty());
  EXPECT_TRUE(letters(events).empty());
}

TEST_F(an_intake, takes_no_event_twice) {
  auto& events = open();
  EXPECT_EQ(take(events, about("ticket.created", "1")).what, verdict::invalidated);
  const auto again = take(events, about("ticket.created", "1"));
  EXPECT_EQ(again.what, verdict::duplicate);
  EXPECT_EQ(again.id, "1");
  EXPECT_EQ(take(events, about("ticket.created", "2")).what, verdict::invalidated);
  auto elsewhere = about("ticket.created", "1");
  elsewhere.source = "another";
  EXPECT_EQ(take(events, elsewhere).what, verdict::invalidated);
}

// "a" + "bc" and "ab" + "c" are two events.
TEST_F(an_intake, does_not_run_source_and_id_together) {
  auto& events = open();
  auto one = about("ticket.created", "bc");
  one.source = "a";
  auto other = about("ticket.created", "c");
  other.source = "ab";
  take(events, one);
  EXPECT_EQ(take(events, other).what, verdict::invalidated);
}

TEST_F(an_intake, takes_events_without_an_id_every_time) {
  auto& events = open();
  take(events, about("ticket.created"));
  EXPECT_EQ(take(events, about("ticket.created")).what, verdict::invalidated);
}

TEST_F(an_intake, takes_no_event_that_another_process_has_taken) {
  auto& first = open();
  auto& second = open();
  take(first, about("ticket.created", "1"));
  EXPECT_EQ(take(second, about("ticket.created", "1")).what, verdict::duplicate);
}

TEST_F(an_intake, forgets_events_after_the_window) {
  auto& events = open(start(), store, {.rules = {}, .dedupe_window = 10min});
  take(events, about("ticket.created", "1"));
  time.advance(10min - 1ms);
  EXPECT_EQ(take(events, about("ticket.created", "1")).what, verdict::duplicate);
  time.advance(1ms);
  EXPECT_EQ(take(events, about("ticket.created", "1")).what, verdict::invalidated);
}

TEST_F(an_intake, remembers_nothing_without_a_window) {
  auto& events = open(start(), store, {.rules = {}, .dedupe_window = 0ms});
  take(events, about("ticket.created", "1"));
  EXPECT_EQ(take(events, about("ticket.created", "1")).what, verdict::invalidated);
}

TEST_F(an_intake, still_knows_its_own_events_while_the_shared_store_is_away) {
  auto& events = open();
  store->down = true;
  EXPECT_EQ(take(events, about("ticket.created", "1")).what, verdict::invalidated);
  EXPECT_EQ(take(events, about("ticket.created", "1")).what, verdict::duplicate);
}

TEST_F(an_intake, does_not_remember_an_event_that_failed) {
  auto& cache = start();
  auto& events = open(cache, store);
  const deadline over{time.now()};
  const auto failed = run(events.take(about("ticket.created", "1"), over));
  EXPECT_EQ(failed.what, verdict::failed);
  EXPECT_EQ(failed.error, errc::deadline_exceeded);
  EXPECT_TRUE(failed.receipts.empty());
  EXPECT_TRUE(heard.empty());
  EXPECT_EQ(take(events, about("ticket.created", "1")).what, verdict::invalidated);
}

TEST_F(an_intake, fails_when_it_has_been_stopped) {
  auto& events = open();
  run(events.stop());
  const auto done = take(events, about("ticket.created"));
  EXPECT_EQ(done.what, verdict::failed);
  EXPECT_EQ(done.error, errc::shutting_down);
}

TEST_F(an_intake, keeps_an_event_that_does_not_say_whose_it_is) {
  auto& events = open();
  const auto done = take(events, without_customer("1"));
  EXPECT_EQ(done.what, verdict::rejected);
  EXPECT_EQ(done.why,
            "the event does not say whose context it is: there is no id at /customer_id, /data/customer_id, "
            "/data/customer, /data/customer/id, /data/object/customer");
  const auto kept = letters(events);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].why, done.why);
  EXPECT_EQ(kept[0].what.type, "ticket.created");
  EXPECT_EQ(kept[0].what.source, "crm");
  EXPECT_EQ(kept[0].what.id, "1");
  EXPECT_EQ(kept[0].what.document, R"({"a":1})");
  EXPECT_EQ(kept[0].at, std::chrono::floor<std::chrono::milliseconds>(time.wall()));
}

TEST_F(an_intake, rejects_what_can_never_be_applied) {
  auto& events = open();
  EXPECT_EQ(take(events, about("")).why, "the event has no type");
  auto odd = about("ticket.created");
  odd.document = "[]";
  EXPECT_EQ(take(events, odd).why, "the event is not a JSON object");
  odd.document = R"({"customer_id":""})";
  EXPECT_EQ(take(events, odd).why, "an id that the event names is empty, longer than 128 bytes or not UTF-8");
  EXPECT_EQ(letters(events).size(), 3u);
}

TEST_F(an_intake, takes_documents_up_to_a_limit) {
  auto& events = open();
  auto large = about("ticket.created");
  large.document = R"({"customer_id":"cust_1","x":")";
  large.document.resize(document_bytes_max - 2, 'x');
  large.document += "\"}";
  EXPECT_EQ(take(events, large).what, verdict::invalidated);
  large.document += ' ';
  EXPECT_EQ(take(events, large).why, "the event is larger than 256 KiB");
  ASSERT_EQ(letters(events).size(), 1u);
  EXPECT_EQ(letters(events)[0].what.document, "");
}

// Its sender repeats what it was told is wrong: one letter is enough.
TEST_F(an_intake, keeps_one_letter_of_a_rejected_event_that_is_repeated) {
  auto& events = open();
  take(events, without_customer("1"));
  EXPECT_EQ(take(events, without_customer("1")).what, verdict::duplicate);
  EXPECT_EQ(letters(events).size(), 1u);
}

TEST_F(an_intake, keeps_a_limited_number_of_letters) {
  auto& events = open(start(), store, {.rules = {}, .dead_letters_max = 2});
  for (const auto* id : {"1", "2", "3"}) take(events, without_customer(id));
  const auto kept = letters(events);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].what.id, "2");
  EXPECT_EQ(kept[1].what.id, "3");
}

TEST_F(an_intake, fails_when_a_letter_cannot_be_kept) {
  auto& events = open();
  store->down = true;
  const auto done = take(events, without_customer("1"));
  EXPECT_EQ(done.what, verdict::failed);
  EXPECT_EQ(done.error, errc::l2_unavailable);
  EXPECT_THAT(done.why, testing::HasSubstr("whose context"));
  store->down = false;
  EXPECT_EQ(take(events, without_customer("1")).what, verdict::rejected);
}

TEST_F(an_intake, shares_letters_with_the_fleet) {
  auto& first = open();
  auto& second = open();
  take(first, without_customer("1"));
  EXPECT_EQ(letters(second).size(), 1u);
  store->down = true;
  EXPECT_EQ(run(second.dead_letters({})).error(), errc::l2_unavailable);
}

TEST_F(an_intake, replays_a_letter_by_the_rules_of_now) {
  auto& before = open();
  take(before, without_customer("1"));
  const auto number = letters(before).at(0).number;
  auto& after = open(start(), store, {.rules = {{.type = "*", .customer_id = {"/a"}}}});
  const auto done = run(after.replay(number, {}));
  ASSERT_TRUE(done && *done);
  EXPECT_EQ((*done)->what, verdict::invalidated);
  EXPECT_EQ((*done)->receipts.at(0).what.text(), "context:1");
  EXPECT_TRUE(letters(after).empty());
}

TEST_F(an_intake, keeps_a_letter_that_is_still_rejected) {
  auto& events = open();
  take(events, without_customer("1"));
  take(events, without_customer("2"));
  const auto number = letters(events).at(0).number;
  const auto done = run(events.replay(number, {}));
  EXPECT_EQ((*done)->what, verdict::rejected);
  ASSERT_EQ(letters(events).size(), 2u);
  EXPECT_EQ(letters(events)[0].number, number);
}

TEST_F(an_intake, finds_no_letter_that_there_is_not) {
  auto& events = open();
  const auto none = run(events.replay("0123456789ab", {}));
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
  store->down = true;
  EXPECT_EQ(run(events.replay("0123456789ab", {})).error(), errc::l2_unavailable);
}

TEST_F(an_intake, tells_of_every_event_once) {
  auto& events = open();
  take(events, about("import.completed", "1"));
  take(events, about("import.completed", "1"));
  take(events, about("ticket.created", "2"));
  take(events, without_customer("3"));
  run(events.replay(letters(events).at(0).number, {}));
  EXPECT_THAT(heard, ElementsAre("import.completed", "ticket.created", "ticket.created"));
}

TEST_F(an_intake, counts_what_became_of_events) {
  auto& events = open();
  take(events, about("import.completed"));
  take(events, about("ticket.created", "1"));
  take(events, about("ticket.created", "1"));
  take(events, without_customer());
  run(events.take(about("ticket.created"), {time.now()}));
  const auto counts = events.stats();
  EXPECT_EQ(counts.ignored, 1u);
  EXPECT_EQ(counts.invalidated, 1u);
  EXPECT_EQ(counts.duplicate, 1u);
  EXPECT_EQ(counts.rejected, 1u);
  EXPECT_EQ(counts.failed, 1u);
  EXPECT_EQ(counts.merged, 0u);
}

TEST(outcome_of_an_event, has_a_name) {
  EXPECT_EQ(name(verdict::invalidated), "invalidated");
  EXPECT_EQ(name(verdict::failed), "failed");
}

}  // namespace
}  // namespace ctxcache::changes
