#include "redis/log_messages.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctxcache::redis {
namespace {

using std::string;
using kind = reply::kind;
using fields = std::vector<string>;

reply text(string bytes) {
  return {.is = kind::bulk, .text = std::move(bytes)};
}

reply array(std::vector<reply> elements) {
  return {.is = kind::array, .elements = std::move(elements)};
}

reply entry(const string& id, const fields& words) {
  std::vector<reply> elements;
  for (const auto& one : words) elements.push_back(text(one));
  return array({text(id), array(std::move(elements))});
}

reply stream(std::vector<reply> entries) {
  return array({array({text("{ctxcache}:log"), array(std::move(entries))})});
}

const fields whole{"e", "00000000000000ab", "v", "1",  "k", "customer", "t", "context:c",
                   "w", "because",          "m", "m1", "f", "1"};

fields with(std::string_view name, const string& value) {
  auto changed = whole;
  for (std::size_t i = 0; i < changed.size(); i += 2) {
    if (changed[i] == name) changed[i + 1] = value;
  }
  return changed;
}

fields without(std::string_view name) {
  auto changed = whole;
  for (std::size_t i = 0; i < changed.size(); i += 2) {
    if (changed[i] == name) changed[i] = "?";
  }
  return changed;
}

log_message read_one(const fields& words) {
  const auto found = read_messages(stream({entry("7-0", words)}));
  EXPECT_TRUE(found && found->size() == 1);
  return found.value().at(0);
}

TEST(log_messages, are_read_from_the_fields_they_were_written_to) {
  const wall_time then{std::chrono::microseconds{1'700'000'000'123'456}};
  const log_record said{
      .what = *scope::matching("a*"), .reason = "r", .member = "m", .fence = true, .said_at = then};
  fields words{"e", "00000000000000ab"};
  for (const auto& word : fields_of(said)) words.push_back(word);
  const auto got = read_one(words);
  EXPECT_EQ(got.at, (position{0xAB, 7}));
  EXPECT_EQ(got.said.what.kind(), scope_kind::pattern);
  EXPECT_EQ(got.said.what.text(), "a*");
  EXPECT_EQ(got.said.reason, "r");
  EXPECT_EQ(got.said.member, "m");
  EXPECT_TRUE(got.said.fence);
  EXPECT_EQ(got.said.said_at, then);
}

TEST(log_messages, are_read_whatever_they_say_of_the_time) {
  EXPECT_EQ(read_one(whole).said.said_at, wall_time{}) << "an older member does not say it";
  for (const auto* const unknown : {"", "0", "-5", "1x", " 1", "soon", "99999999999999999999"}) {
    auto words = whole;
    words.insert(words.end(), {"s", unknown});
    const auto got = read_one(words);
    EXPECT_EQ(got.said.said_at, wall_time{}) << unknown;
    EXPECT_EQ(got.said.what.text(), "context:c") << unknown;
  }
}

TEST(log_messages, are_read_with_fields_that_are_not_known) {
  auto words = whole;
  words.insert(words.end(), {"new", "thing", "alone"});
  EXPECT_EQ(read_one(words).said.what.text(), "context:c");
}

TEST(log_messages, that_cannot_be_read_cover_all_at_their_own_place) {
  const std::vector<fields> unreadable{
      with("v", "2"), with("v", ""),  with("k", "region"), with("k", "key"), with("t", "context:"),
      with("t", ""),  with("f", "2"), with("f", ""),       without("v"),     without("k"),
      without("t"),   without("w"),   without("m"),        without("f"),
  };
  for (const auto& words : unreadable) {
    const auto got = read_one(words);
    EXPECT_EQ(got.said.what.kind(), scope_kind::all) << testing::PrintToString(words);
    EXPECT_EQ(got.at, (position{0xAB, 7}));
    EXPECT_FALSE(got.said.fence);
  }
  EXPECT_EQ(read_one({}).said.what.kind(), scope_kind::all);
}

TEST(log_messages, without_an_epoch_belong_to_none) {
  EXPECT_EQ(read_one(without("e")).at, (position{0, 7}));
  EXPECT_EQ(read_one(with("e", "ab")).at, (position{0, 7}));
  EXPECT_EQ(read_one(with("e", "00000000000000zz")).at, (position{0, 7}));
}

TEST(log_messages, are_none_in_an_answer_that_is_nil) {
  EXPECT_TRUE(read_messages({}).value().empty());
}

TEST(log_messages, are_not_read_from_another_answer) {
  EXPECT_FALSE(read_messages({.is = kind::integer, .integer = 1}));
  EXPECT_FALSE(read_messages({.is = kind::status, .text = "OK"}));
  EXPECT_FALSE(read_messages(array({})));
  EXPECT_FALSE(read_messages(array({text("a")})));
  EXPECT_FALSE(read_messages(array({array({text("a")})})));
  EXPECT_FALSE(read_messages(stream({text("7-0")})));
  for (const auto* const id : {"", "x", "7", "-", "99999999999999999999-0"}) {
    EXPECT_FALSE(read_messages(stream({entry(id, whole)}))) << id;
  }
}

string reason_kept(const string& reason) {
  const log_record said{.reason = reason};
  return string{fields_of(said)[7]};
}

TEST(log_messages, cut_a_long_reason_between_characters) {
  const auto n = reason_bytes_max;
  EXPECT_EQ(reason_kept(string(n, 'x')), string(n, 'x'));
  EXPECT_EQ(reason_kept(string(n + 1, 'x')), string(n, 'x'));
  EXPECT_EQ(reason_kept(string(n - 2, 'x') + "\u20ac"), string(n - 2, 'x'));  // three bytes
  EXPECT_EQ(reason_kept(string(n - 3, 'x') + "\u20ac?"), string(n - 3, 'x') + "\u20ac");
  EXPECT_EQ(reason_kept(string(n + 1, '\x80')), "");
}

}  // namespace
}  // namespace ctxcache::redis
