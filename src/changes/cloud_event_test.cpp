#include "changes/cloud_event.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace ctxcache::changes {
namespace {

namespace json = boost::json;
using kind = refusal::kind;
using headers = std::vector<header_field>;

constexpr auto structured = "application/cloudevents+json; charset=UTF-8";
constexpr auto batched = "application/cloudevents-batch+json";

boost::system::result<event_list, refusal> read(std::string_view type, std::string_view body,
                                                const headers& with = {}) {
  return read_events({.content_type = type, .headers = with, .body = body});
}

// The only event of a request that is good.
change one_of(const boost::system::result<event_list, refusal>& got) {
  if (!got) ADD_FAILURE() << got.error().why;
  if (!got || got->events.size() != 1 || !got->events[0]) return {};
  EXPECT_FALSE(got->batch);
  return *got->events[0];
}

std::string refused(const boost::system::result<event_list, refusal>& got) {
  return got ? "it was read" : got.error().why;
}

json::value document(const change& one) {
  return json::parse(one.document);
}

TEST(cloud_event, is_read_in_structured_mode) {
  const auto got = one_of(read(structured, R"({"specversion":"1.0","id":"1","source":"/crm",
      "type":"com.example.profile.updated","subject":"cust_1","data":{"customer_id":"cust_1"}})"));
  EXPECT_EQ(got.type + got.source + got.id, "com.example.profile.updated/crm1");
  EXPECT_EQ(document(got).at("data").at("customer_id"), "cust_1");
  EXPECT_EQ(document(got).at("subject"), "cust_1");
}

TEST(cloud_event, is_one_by_its_specversion_too) {
  const auto whole = R"({"specversion":"1.0","id":"1","source":"/crm","type":"a"})";
  EXPECT_EQ(one_of(read("application/json", whole)).source, "/crm");
  EXPECT_EQ(refused(read("", R"({"specversion":"1.0","type":"a"})")),
            "a CloudEvent needs the attribute id, a string that is not empty");
}

struct lacking {
  const char* body;
  const char* why;
};

TEST(cloud_event, needs_its_required_attributes) {
  for (const auto& [body, why] : {
           lacking{R"({"id":"1","source":"s","type":"t"})",
                   "a CloudEvent needs the attribute specversion, a string that is not empty"},
           lacking{R"({"specversion":"0.3","id":"1","source":"s","type":"t"})", "the specversion is not 1.0"},
           lacking{R"({"specversion":1.0,"id":"1","source":"s","type":"t"})",
                   "a CloudEvent needs the attribute specversion, a string that is not empty"},
           lacking{R"({"specversion":"1.0","id":"","source":"s","type":"t"})",
                   "a CloudEvent needs the attribute id, a string that is not empty"},
           lacking{R"({"specversion":"1.0","id":7,"source":"s","type":"t"})",
                   "a CloudEvent needs the attribute id, a string that is not empty"},
           lacking{R"({"specversion":"1.0","id":"1","type":"t"})",
                   "a CloudEvent needs the attribute source, a string that is not empty"},
           lacking{R"({"specversion":"1.0","id":"1","source":"s","type":""})",
                   "a CloudEvent needs the attribute type, a string that is not empty"},
       }) {
    const auto got = read(structured, body);
    EXPECT_EQ(refused(got), why) << body;
    EXPECT_EQ(got.error().what, kind::malformed);
  }
}

std::string with_data_base64(std::string_view value, std::string_view more = "") {
  return R"({"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":)" + std::string{value} +
         std::string{more} + "}";
}

TEST(cloud_event, shows_the_json_in_its_data_base64) {
  const auto got = one_of(read(structured, with_data_base64(R"("eyJhIjoxfQ==")")));
  EXPECT_EQ(document(got).at("data").at("a"), 1);
  EXPECT_FALSE(document(got).as_object().contains("data_base64"));
}

TEST(cloud_event, keeps_other_data_base64_as_it_is) {
  const auto got = one_of(read(structured, with_data_base64(R"("AAEC")")));
  EXPECT_EQ(document(got).at("data_base64"), "AAEC");
}

TEST(cloud_event, has_one_data_in_base64) {
  EXPECT_EQ(refused(read(structured, with_data_base64(R"("no base64")"))), "data_base64 is not base64");
  EXPECT_EQ(refused(read(structured, with_data_base64("1"))), "data_base64 is not base64");
  EXPECT_EQ(refused(read(structured, with_data_base64(R"("AAEC")", R"(,"data":1)"))),
            "a CloudEvent has either data or data_base64");
}

TEST(cloud_event, of_another_format_is_unsupported) {
  const auto got = read("application/cloudevents+avro", "");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, kind::unsupported);
}

TEST(cloud_event_batch, may_be_partly_bad) {
  const auto got = read(batched, R"([{"specversion":"1.0","id":"1","source":"s","type":"t"},
      {"id":"2"}, 3, {"specversion":"1.0","id":"4","source":"s","type":"t"}])");
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->batch);
  ASSERT_EQ(got->events.size(), 4u);
  EXPECT_EQ(got->events[0]->id, "1");
  EXPECT_EQ(got->events[1].error().why,
            "a CloudEvent needs the attribute specversion, a string that is not empty");
  EXPECT_EQ(got->events[2].error().why, "an event is an object");
  EXPECT_EQ(got->events[3]->id, "4");
}

TEST(cloud_event_batch, may_be_empty) {
  const auto got = read(batched, "[]");
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->batch);
  EXPECT_TRUE(got->events.empty());
}

TEST(cloud_event_batch, is_a_list_and_a_structured_event_is_none) {
  EXPECT_EQ(refused(read(batched, "{}")), "a batch of events is a list");
  EXPECT_EQ(refused(read(structured, "[]")), "an event is an object");
}

TEST(cloud_event_batch, has_a_limit) {
  std::string body = "[0";
  for (std::size_t i = 1; i < events_max; ++i) body += ",0";
  EXPECT_EQ(read(batched, body + "]")->events.size(), events_max);
  const auto more = read(batched, body + ",0]");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().what, kind::too_many);
  EXPECT_EQ(read("application/json", body + ",0]").error().what, kind::too_many);
}

const headers binary{{"CE-SpecVersion", "1.0"},   {"ce-id", "7"},
                     {"Host", "localhost"},       {"ce-source", "/crm"},
                     {"ce-type", "plan.changed"}, {"ce-customerid", "cust_1"}};

headers binary_with(std::string_view name, std::string_view value) {
  auto made = binary;
  made.push_back({name, value});
  return made;
}

TEST(cloud_event_in_headers, has_its_data_in_the_body) {
  const auto got = one_of(read("application/json", R"({"customer_id":"cust_1"})", binary));
  EXPECT_EQ(got.type + got.source + got.id, "plan.changed/crm7");
  EXPECT_EQ(document(got).at("data").at("customer_id"), "cust_1");
  EXPECT_EQ(document(got).at("customerid"), "cust_1");
  EXPECT_EQ(document(got).at("datacontenttype"), "application/json");
  EXPECT_FALSE(document(got).as_object().contains("host"));
}

TEST(cloud_event_in_headers, may_have_data_that_are_no_json) {
  const auto got = one_of(read("text/xml", "<a/>", binary));
  EXPECT_FALSE(document(got).as_object().contains("data"));
  EXPECT_EQ(one_of(read("", "", binary)).id, "7");
  EXPECT_EQ(refused(read("application/json", "<a/>", binary)),
            "the event's data are not JSON, as the content type says");
  EXPECT_EQ(refused(read("application/vnd.crm+json", "<a/>", binary)),
            "the event's data are not JSON, as the content type says");
}

TEST(cloud_event_in_headers, has_values_that_are_percent_encoded_or_quoted) {
  const auto subject = [](std::string_view value) {
    return document(one_of(read("", "", binary_with("ce-subject", value)))).at("subject");
  };
  EXPECT_EQ(subject("Euro%20%E2%82%AC%20%F0%9F%98%80"), "Euro € 😀");
  EXPECT_EQ(subject("\"a \\\"b\\\" %41\""), "a \"b\" A");
  EXPECT_EQ(subject("100%25"), "100%");
  EXPECT_EQ(subject("a+b"), "a+b");
}

TEST(cloud_event_in_headers, refuses_values_that_are_badly_encoded) {
  for (const auto* value : {"%", "%4", "%zz", "a%4"})
    EXPECT_EQ(refused(read("", "", binary_with("ce-subject", value))),
              "a ce- header is not percent-encoded as it should be")
        << value;
  for (const auto* value : {"%FF", "%C0%80", "\xFF"})
    EXPECT_EQ(refused(read("", "", binary_with("ce-subject", value))), "a ce- header is not UTF-8");
}

TEST(cloud_event_in_headers, needs_all_that_are_required) {
  const headers some{{"ce-type", "plan.changed"}, {"ce-id", "7"}};
  EXPECT_EQ(refused(read("application/json", "{}", some)),
            "a CloudEvent needs the attribute specversion, a string that is not empty");
}

TEST(cloud_event_in_headers, never_overwrites_its_data) {
  const auto got = one_of(read("application/json", "1", binary_with("ce-data", "forged")));
  EXPECT_EQ(document(got).at("data"), 1);
  const auto without = one_of(read("", "", binary_with("ce-data_base64", "AAEC")));
  EXPECT_FALSE(document(without).as_object().contains("data_base64"));
}

TEST(plain_event, has_a_type) {
  const auto got = one_of(read("application/json", R"({"type":"ticket.created","customer_id":"cust_1"})"));
  EXPECT_EQ(got.type, "ticket.created");
  EXPECT_EQ(got.source + got.id, "");
  EXPECT_EQ(document(got).at("customer_id"), "cust_1");
  for (const auto* body : {"{}", R"({"type":1})", R"({"type":""})", R"({"type":null})"})
    EXPECT_EQ(refused(read("", body)), "an event is an object with a type, a string that is not empty");
}

TEST(plain_event, may_come_in_a_list) {
  const auto got = read("application/json", R"([{"type":"a"},{},"x",{"specversion":"2"}])");
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->batch);
  ASSERT_EQ(got->events.size(), 4u);
  EXPECT_EQ(got->events[0]->type, "a");
  EXPECT_EQ(got->events[1].error().why, "an event is an object with a type, a string that is not empty");
  EXPECT_EQ(got->events[2].error().why, "an event is an object");
  EXPECT_EQ(got->events[3].error().why, "the specversion is not 1.0");
}

// {"type": "customer.updated", "id": "cust_1"} twice is two updates.
TEST(plain_event, has_an_id_of_its_own_only_when_that_is_certain) {
  EXPECT_EQ(one_of(read("", R"({"type":"customer.updated","id":"cust_1"})")).id, "");
  EXPECT_EQ(one_of(read("", R"({"type":"a","id":"7","source":"crm"})")).id, "7");
  EXPECT_EQ(one_of(read("", R"({"type":"a","id":7,"source":"crm"})")).id, "7");
  EXPECT_EQ(one_of(read("", R"({"type":"invoice.paid","id":"evt_1"})")).id, "evt_1");
}

TEST(plain_event, is_named_by_its_signer_and_delivery_when_it_does_not_name_itself) {
  const auto signed_one = [](std::string_view body) {
    return one_of(read_events({.content_type = "application/json",
                               .headers = {},
                               .body = body,
                               .signer = "tickets",
                               .delivery = "msg_1"}));
  };
  const auto nameless = signed_one(R"({"type":"a","id":"cust_1"})");
  EXPECT_EQ(nameless.source + nameless.id, "ticketsmsg_1");
  const auto named = signed_one(R"({"type":"a","id":"7","source":"crm"})");
  EXPECT_EQ(named.source + named.id, "crm7");
}

TEST(plain_event, of_a_list_is_not_named_by_the_delivery_of_all) {
  const auto got = read_events({.content_type = "",
                                .headers = {},
                                .body = R"([{"type":"a"},{"type":"b"}])",
                                .signer = "tickets",
                                .delivery = "msg_1"});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->events[1]->id, "");
  EXPECT_EQ(got->events[1]->source, "tickets");
}

TEST(plain_event, takes_the_webhooks_of_stripe_and_zendesk) {
  const auto stripe = one_of(read("application/json; charset=utf-8",
                                  R"({"id":"evt_1","object":"event","type":"invoice.paid",
                                     "data":{"object":{"customer":"cus_1"}}})"));
  EXPECT_EQ(stripe.id, "evt_1");
  EXPECT_EQ(document(stripe).at("data").at("object").at("customer"), "cus_1");
  const auto zendesk = one_of(read("application/json", R"({"type":"zen:event-type:ticket.created",
      "account_id":12514403,"id":"2b24ef10","subject":"zen:ticket:99","zendesk_event_version":"2022-06-20",
      "detail":{"requester_id":"8448"},"event":{}})"));
  EXPECT_EQ(zendesk.type, "zen:event-type:ticket.created");
  EXPECT_EQ(document(zendesk).at("detail").at("requester_id"), "8448");
}

TEST(body_of_events, is_json_of_limited_depth) {
  const auto nested = [](std::size_t levels) {
    return R"({"type":"a","x":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  EXPECT_TRUE(read("", nested(64)));
  for (const auto& body : {nested(65), std::string{}, std::string{"{"}, std::string{"{} {}"},
                           std::string{"{\"type\":\"\xff\"}"}, std::string(100'000, '[')})
    EXPECT_EQ(refused(read("application/json", body)), "the body is not JSON, or deeper than 64 levels");
}

TEST(body_of_events, counts_the_last_member_of_a_name) {
  EXPECT_EQ(one_of(read("", R"({"type":"a","type":"b"})")).type, "b");
}

TEST(body_of_events, is_unsupported_when_it_is_no_json) {
  const auto got = read("application/x-www-form-urlencoded", "type=a");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, kind::unsupported);
}

// What can be read can be looked into by the rules: neither form adds a level too many.
TEST(body_of_events, makes_documents_that_can_be_read_again) {
  const auto deepest = std::string(63, '[') + std::string(63, ']');
  EXPECT_TRUE(read("application/json", deepest, binary));
  EXPECT_FALSE(read("application/json", '[' + deepest + ']', binary));
}

}  // namespace
}  // namespace ctxcache::changes
