#include "ctxcache/key.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace ctxcache {
namespace {

using std::string;
using triple = std::tuple<string, string, std::optional<string>>;

result<key> make(const triple& ids) {
  const auto& [customer, agent, conversation] = ids;
  return key::make({customer, agent, conversation});
}

result<key> with_customer(std::string_view id) {
  return key::make({.customer_id = id, .agent_type = "support"});
}

string utf8(std::uint32_t code_point) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {static_cast<char>(0xC0 | code_point >> 6), tail(0)};
  if (code_point < 0x10000) return {static_cast<char>(0xE0 | code_point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code_point >> 18), tail(12), tail(6), tail(0)};
}

/// Ids of up to 32 code points of every length.
rc::Gen<string> any_id() {
  const auto code_point =
      rc::gen::weightedOneOf<std::uint32_t>({{4, rc::gen::inRange<std::uint32_t>(0, 0x80)},
                                             {1, rc::gen::inRange<std::uint32_t>(0x80, 0x800)},
                                             {1, rc::gen::inRange<std::uint32_t>(0x800, 0xD800)},
                                             {1, rc::gen::inRange<std::uint32_t>(0xE000, 0x110000)}});
  const auto points = rc::gen::suchThat(rc::gen::container<std::vector<std::uint32_t>>(code_point),
                                        [](const auto& all) { return !all.empty(); });
  return rc::gen::map(points, [](const std::vector<std::uint32_t>& all) {
    string id;
    for (std::size_t i = 0; i < all.size() && i < id_bytes_max / 4; ++i) id += utf8(all[i]);
    return id;
  });
}

/// Short ids out of what separates and escapes: different triples come close to each other.
rc::Gen<string> confusable_id() {
  return rc::gen::nonEmpty(
      rc::gen::resize(4, rc::gen::container<string>(rc::gen::elementOf(string{"a:%3A"}))));
}

rc::Gen<std::optional<string>> maybe(const rc::Gen<string>& id) {
  return rc::gen::oneOf(rc::gen::just(std::optional<string>{}),
                        rc::gen::map(id, [](const string& one) { return std::optional<string>{one}; }));
}

rc::Gen<triple> triples(const rc::Gen<string>& id) {
  return rc::gen::tuple(id, id, maybe(id));
}

TEST(key, has_the_text_of_the_contract) {
  EXPECT_EQ(key::make({"cust_123", "support"})->text(), "context:cust_123:support");
  EXPECT_EQ(key::make({"cust_123", "support", "conv_456"})->text(), "context:cust_123:support:conv_456");
  EXPECT_EQ(key::make({"a b", "x:y", "*"})->text(), "context:a%20b:x%3Ay:%2A");
}

TEST(key, encodes_each_byte_but_the_plain_ones) {
  const std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@-";
  for (int byte = 0; byte < 256; ++byte) {
    const string id{static_cast<char>(byte)};
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto high = static_cast<std::size_t>(byte / 16);
    const auto low = static_cast<std::size_t>(byte % 16);
    const string segment = plain.find(id) != plain.npos ? id : string{'%', digits[high], digits[low]};
    EXPECT_EQ(percent_encode(id), segment);
    const auto made = with_customer(id);
    ASSERT_EQ(made.has_value(), byte < 0x80) << byte;
    if (!made) continue;
    EXPECT_EQ(made->text(), "context:" + segment + ":support");
    EXPECT_EQ(made->customer_id(), id);
  }
}

TEST(key, refuses_ids_that_are_empty_or_over_128_bytes) {
  const string longest(128, ':');
  const string too_long(129, 'a');
  EXPECT_EQ(key::make({longest, longest, longest})->text().size(), key_bytes_max);
  for (const auto& bad : {string{}, too_long, string(128, 'a') + ":", string(127, 'a') + "\xC3\xA9"}) {
    EXPECT_EQ(key::make({bad, "a", "v"}).error(), errc::invalid_key);
    EXPECT_EQ(key::make({"c", bad, "v"}).error(), errc::invalid_key);
    EXPECT_EQ(key::make({"c", "a", bad}).error(), errc::invalid_key);
    EXPECT_EQ(key::make({"c", bad}).error(), errc::invalid_key);
  }
}

TEST(key, takes_every_scalar_value_and_no_surrogate) {
  for (std::uint32_t point = 0; point < 0x110000;
       point += point % 0x400 == 0x3FF || point < 0x900 ? 1 : 0x1F) {
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    ASSERT_EQ(with_customer(utf8(point)).has_value(), !surrogate) << point;
  }
}

// Every combination of the bytes at which the rules of UTF-8 change, against the plain definition: a sequence
// is right when encoding what it means gives it back.
TEST(key, takes_only_utf8) {
  const std::vector<int> edges{0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                               0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  const auto is_one_scalar = [](const string& bytes) {
    const auto at = [&](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
    };
    std::uint32_t point = at(0) & (0xFFU >> (bytes.size() + 1));
    for (std::size_t i = 1; i < bytes.size(); ++i) point = point << 6 | (at(i) & 0x3F);
    return point < 0x110000 && (point < 0xD800 || point >= 0xE000) && utf8(point) == bytes;
  };
  for (const int a : edges) {
    for (const int b : edges) {
      const string two{static_cast<char>(a), static_cast<char>(b)};
      ASSERT_EQ(with_customer(two).has_value(), is_one_scalar(two) || (a < 0x80 && b < 0x80))
          << a << ' ' << b;
      if (a < 0xE0 || b < 0x80) continue;
      for (const int c : edges) {
        const string three = two + static_cast<char>(c);
        ASSERT_EQ(with_customer(three).has_value(), is_one_scalar(three)) << a << ' ' << b << ' ' << c;
        if (a < 0xF0 || c < 0x80) continue;
        for (const int d : edges) {
          const string four = three + static_cast<char>(d);
          ASSERT_EQ(with_customer(four).has_value(), is_one_scalar(four))
              << a << ' ' << b << ' ' << c << ' ' << d;
        }
      }
    }
  }
}

TEST(key, refuses_hostile_utf8_anywhere_in_an_id) {
  for (const string bad : {"\x80", "\xC0\x80", "\xC3", "\xE2\x82", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                           "\xF4\x90\x80\x80", "\xFF", "\xF8\x88\x80\x80\x80"}) {
    for (const auto& id : {bad, "abc" + bad, bad + "abc", "\xC3\xA9" + bad, ":" + bad + ":"}) {
      EXPECT_EQ(with_customer(id).error(), errc::invalid_key) << percent_encode(id);
    }
  }
}

RC_GTEST_PROP(key, keys_are_equal_exactly_when_their_ids_are, ()) {
  const auto one = *triples(confusable_id());
  const auto other = *rc::gen::oneOf(triples(confusable_id()), rc::gen::just(one));
  RC_ASSERT((*make(one) == *make(other)) == (one == other));
}

RC_GTEST_PROP(key, is_parsed_back_to_its_ids, ()) {
  const auto ids = *triples(any_id());
  const auto made = make(ids);
  RC_ASSERT(made.has_value());
  const auto parsed = key::parse(made->text());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT((triple{parsed->customer_id(), parsed->agent_type(), parsed->conversation_id()}) == ids);
  RC_ASSERT(*parsed == *made);
}

RC_GTEST_PROP(key, only_what_is_made_is_parsed, ()) {
  const auto text = "context:" + *rc::gen::container<string>(rc::gen::elementOf(string{"ab:%3A2F"}));
  const auto parsed = key::parse(text);
  if (!parsed) return;
  RC_ASSERT(key::make({parsed->customer_id(), parsed->agent_type(), parsed->conversation_id()})->text() ==
            text);
}

TEST(key, refuses_text_that_is_not_canonical) {
  for (const string text : {"",
                            "context",
                            "context:",
                            "context:a",
                            "context:a:",
                            "context::a",
                            "context:a:b:",
                            "context:a:b:c:d",
                            "Context:a:b",
                            "ontext:a:b",
                            "context:a:b%3a",
                            "context:a:b%41",
                            "context:a:b%",
                            "context:a:b%4",
                            "context:a:b%4G",
                            "context:a:b*",
                            "context:a b:c",
                            "context:%C0%80:a",
                            "context:%FF:a",
                            " context:a:b"}) {
    EXPECT_EQ(key::parse(text).error(), errc::invalid_key) << text;
  }
  EXPECT_EQ(key::parse("context:a:" + string(129, 'b')).error(), errc::invalid_key);
  EXPECT_EQ(key::parse("context:a:" + string(1'000'000, 'b')).error(), errc::invalid_key);
  EXPECT_TRUE(key::parse("context:a:" + string(128, 'b')).has_value());
}

TEST(key, view_names_its_segments) {
  key_buffer buffer;
  const auto whole = buffer.encode({"c:1", "support", "v"}).value();
  EXPECT_EQ(whole.customer(), "c%3A1");
  EXPECT_EQ(whole.agent_type(), "support");
  EXPECT_EQ(whole.conversation(), "v");
  EXPECT_EQ(whole.customer_prefix(), "context:c%3A1");
  EXPECT_EQ(whole.agent_type_prefix(), "context:c%3A1:support");
  const auto plain = buffer.encode({"c", "support"}).value();
  EXPECT_FALSE(plain.has_conversation());
  EXPECT_EQ(plain.conversation(), "");
  EXPECT_EQ(plain.agent_type_prefix(), plain.text());
  EXPECT_EQ(key{plain}.conversation_id(), std::nullopt);
}

}  // namespace
}  // namespace ctxcache
