#include "redis/stream_entries.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace ctxcache::redis {
namespace {

namespace json = boost::json;
using std::string;
using texts = std::vector<string>;

change read(const texts& fields) {
  return change_of("events", {.id = "1-0", .fields = fields});
}
json::value document_of(const change& one) {
  return json::parse(one.document);
}
/// Why an entry is no event; empty when it is one.
string refusal(const change& one) {
  if (!one.type.empty()) return {};
  EXPECT_EQ(one.source, "redis:events");
  EXPECT_EQ(one.id, "1-0");
  const auto document = document_of(one);
  EXPECT_EQ(document.at("stream").as_string(), "events");
  EXPECT_EQ(document.at("entry").as_string(), "1-0");
  return string{document.at("unreadable").as_string()};
}

const string cloud_event =
    R"({"specversion":"1.0","type":"ticket.created","source":"/desk","id":"t-1","data":{"customer":"c1"}})";

TEST(stream_entry, may_hold_a_cloud_event) {
  for (const auto& fields : {texts{"event", cloud_event}, texts{"data", cloud_event},
                             texts{"trace", "x", "event", cloud_event, "type", "another"}}) {
    const auto one = read(fields);
    EXPECT_EQ(one.type, "ticket.created");
    EXPECT_EQ(one.source, "/desk");
    EXPECT_EQ(one.id, "t-1");
    EXPECT_EQ(one.document, cloud_event);  // byte for byte
  }
}

TEST(stream_entry, may_be_the_event_itself) {
  const auto one = read({"type", "plan.changed", "customer_id", "c\"1", "id", "7", "source", "billing"});
  EXPECT_EQ(one.type, "plan.changed");
  EXPECT_EQ(one.source, "billing");
  EXPECT_EQ(one.id, "7");
  EXPECT_EQ(
      document_of(one),
      (json::value{{"type", "plan.changed"}, {"customer_id", "c\"1"}, {"id", "7"}, {"source", "billing"}}));
}

TEST(stream_entry, has_structured_data_beside_its_other_fields) {
  const auto one = read({"type", "plan.changed", "data", R"({"customer_id":"c1"})"});
  EXPECT_EQ(document_of(one).at_pointer("/data/customer_id").as_string(), "c1");
  const auto other = read({"type", "plan.changed", "data", "c1"});
  EXPECT_EQ(document_of(other).at("data").as_string(), "c1");
}

TEST(stream_entry, comes_from_its_stream_when_it_does_not_say_from_where) {
  const auto one = read({"type", "plan.changed"});
  EXPECT_EQ(one.source, "redis:events");
  EXPECT_EQ(one.id, "");
}

TEST(stream_entry, that_is_no_event_says_what_was_there) {
  EXPECT_EQ(refusal(read({"customer_id", "c1"})), "it says no type");
  EXPECT_EQ(refusal(read({"type", "", "customer_id", "c1"})), "it says no type");
  EXPECT_EQ(refusal(read({"event", R"({"type":7})"})), "it says no type");
  for (const auto* const event :
       {"", "{", "[]", "7", "{} {}", "\"type\"", "{\"type\":\"t\",\"x\":\"\xFF\"}"}) {
    EXPECT_EQ(refusal(read({"event", event})), "its event is not a JSON object") << event;
  }
  EXPECT_EQ(refusal(read({"event", string(100'000, '[')})), "its event is not a JSON object");
  const auto one = read({"customer_id", "c1", "x", "y"});
  EXPECT_EQ(document_of(one).at("fields"), json::parse(R"([["customer_id","c1"],["x","y"]])"));
}

TEST(stream_entry, that_is_not_text_is_shown_as_text) {
  const auto one = read({"type", "t", "\xC3\xA9", "\xC3\xA9", "bytes", string{"a\0\xFF\xC3", 4}});
  EXPECT_EQ(refusal(one), "it is not UTF-8");
  const auto document = document_of(one);
  const auto& fields = document.at("fields").as_array();
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[1].at(1).as_string(), "\xC3\xA9");
  EXPECT_EQ(fields[2].at(1).as_string(), (string{"a\0\\xff\\xc3", 10}));
}

TEST(stream_entry, that_is_too_large_is_shown_in_part) {
  const string largest((1u << 20) - 5, 'x');
  EXPECT_EQ(read({"type", "t", largest, ""}).type, "t");
  const auto one = read({"type", "t", largest, "y"});
  EXPECT_EQ(refusal(one), "it is larger than 1 MiB");
  EXPECT_LT(one.document.size(), 2'048u);

  texts many{"event", "none"};
  for (int i = 0; i < 1'000; ++i) many.insert(many.end(), {"n", "v"});
  const auto other = read(many);
  EXPECT_EQ(refusal(other), "its event is not a JSON object");
  const auto document = document_of(other);
  EXPECT_EQ(document.at("fields").as_array().size(), 32u);

  string accents;  // cut between two characters
  while (accents.size() < 2'048) accents += "\xC3\xA9";
  const auto cut = document_of(read({"x" + accents, "y"}));
  EXPECT_EQ(cut.at("fields").at(0).at(0).as_string(), "x" + accents.substr(0, 1'022));
}

TEST(stream_entry, that_cannot_be_had_says_so) {
  EXPECT_EQ(refusal(change_of("events", {.id = "1-0"})), "it was deleted or trimmed before it was read");
  EXPECT_EQ(refusal(change_of("events", {.id = "1-0", .too_large = true})),
            "it is larger than an answer of Redis may be");
}

reply text(string value) {
  return {.is = reply::kind::bulk, .text = std::move(value)};
}
reply array(std::vector<reply> elements) {
  return {.is = reply::kind::array, .elements = std::move(elements)};
}

TEST(stream_answer, has_the_entries_of_one_stream) {
  auto whole = array({text("1-0"), array({text("a"), text("b")})});
  auto gone = array({text("2-0"), reply{}});
  const auto found = read_entries(array({array({text("events"), array({whole, gone})})}));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].id, "1-0");
  EXPECT_EQ((*found)[0].fields, (texts{"a", "b"}));
  EXPECT_EQ((*found)[1].id, "2-0");
  EXPECT_EQ((*found)[1].fields, std::nullopt);
  EXPECT_TRUE(read_entries(reply{})->empty());
}

TEST(stream_answer, to_another_question_is_none) {
  const reply error{.is = reply::kind::error, .text = "ERR"};
  const reply number{.is = reply::kind::integer, .integer = 1};
  const auto stream = [&](reply entry) {
    return array({array({text("events"), array({std::move(entry)})})});
  };
  EXPECT_FALSE(read_entries(error));
  EXPECT_FALSE(read_entries(number));
  EXPECT_FALSE(read_entries(array({})));
  EXPECT_FALSE(read_entries(array({text("events")})));
  EXPECT_FALSE(read_entries(array({array({text("events")})})));
  EXPECT_FALSE(read_entries(stream(text("1-0"))));
  EXPECT_FALSE(read_entries(stream(array({text("1-0")}))));
}

}  // namespace
}  // namespace ctxcache::redis
