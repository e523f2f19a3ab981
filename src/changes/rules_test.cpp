#include "changes/rules.hpp"

#include <gtest/gtest.h>

namespace ctxcache::changes {
namespace {

change of(std::string type, std::string document) {
  return {.type = std::move(type), .document = std::move(document)};
}

std::vector<std::string> texts_of(const std::vector<scope>& scopes) {
  std::vector<std::string> out;
  for (const auto& one : scopes) out.push_back(one.text());
  return out;
}

// The scopes of an event of cust_1 by the default rules; "ignored" when no rule is for it.
std::vector<std::string> by_default(const std::string& type, const std::string& document) {
  const auto got = scopes_of(of(type, document), default_rules());
  if (!got) return {std::string{code_name(got.error())}};
  return *got ? texts_of(**got) : std::vector<std::string>{"ignored"};
}

using texts = std::vector<std::string>;
const texts whole{"context:cust_1"};
const texts support{"context:cust_1:support"};
const texts billing{"context:cust_1:billing"};
const texts ignored{"ignored"};
const texts refused{"invalid_request"};
constexpr auto plain = R"({"customer_id":"cust_1"})";

TEST(default_rules, drop_all_of_a_customer_whose_data_change) {
  for (const auto* type : {"customer.updated", "customer.deleted", "profile.updated", "profile.changed",
                           "profile_updated", "plan.changed", "plan_updated", "subscription.created",
                           "subscription.updated", "subscription_cancelled", "customer.subscription.deleted",
                           "com.example.profile.updated", "com.example.crm.subscription.renewed"})
    EXPECT_EQ(by_default(type, plain), whole) << type;
}

TEST(default_rules, drop_what_support_sees_when_a_ticket_is_created) {
  for (const auto* type : {"ticket.created", "ticket_created", "com.example.ticket.created",
                           "com.example.support.ticket.created", "ticket.updated", "ticket.closed"})
    EXPECT_EQ(by_default(type, plain), support) << type;
}

TEST(default_rules, drop_what_billing_sees_when_a_payment_is_received) {
  for (const auto* type : {"payment.received", "payment_received", "com.example.payment.received",
                           "payment.failed", "invoice.paid", "invoice.payment_failed"})
    EXPECT_EQ(by_default(type, plain), billing) << type;
}

TEST(default_rules, are_not_wider_than_they_say) {
  for (const auto* type : {"",
                           "profile",
                           "profile.viewed",
                           "unprofile.updated",
                           "profile.updated.v2",
                           "com.example.unprofile.updated",
                           "profileupdated",
                           "Profile.Updated",
                           "plan",
                           "floorplan.changed",
                           "subscriptions",
                           "inscription.created",
                           "ticket.viewed",
                           "payment.intended",
                           "payment",
                           "zen:event-type:ticket.created",
                           "import.completed",
                           "customer.created",
                           "ctxcache.row_changed_",
                           "com.example.ctxcache.row_changed"})
    EXPECT_EQ(by_default(type, plain), ignored) << type;
}

TEST(default_rules, take_what_the_databases_say) {
  EXPECT_EQ(by_default("ctxcache.row_changed", R"({"customer_id":"cust_1","table":"tickets","op":"INSERT"})"),
            whole);
  EXPECT_EQ(by_default("ctxcache.row_changed", R"({"customer_id":null})"), refused);
  for (const auto* type : {"ctxcache.database_changed", "ctxcache.table_truncated"}) {
    const auto all = scopes_of(of(type, "{}"), default_rules());
    ASSERT_TRUE(all && *all) << type;
    EXPECT_EQ((*all)->front().kind(), scope_kind::all) << type;
  }
}

TEST(default_rules, find_the_customer_where_webhooks_have_it) {
  EXPECT_EQ(by_default("invoice.paid", R"({"data":{"object":{"customer":"cust_1","id":"in_1"}}})"), billing);
  EXPECT_EQ(by_default("ticket.created", R"({"data":{"customer_id":"cust_1"}})"), support);
  EXPECT_EQ(by_default("ticket.created", R"({"data":{"customer":"cust_1"}})"), support);
  EXPECT_EQ(by_default("ticket.created", R"({"data":{"customer":{"id":"cust_1"}}})"), support);
  EXPECT_EQ(by_default("customer.updated", R"({"data":{"object":{"id":"cust_1"}}})"), whole);
  EXPECT_EQ(by_default("customer.subscription.updated",
                       R"({"data":{"object":{"id":"sub_1","customer":"cust_1"}}})"),
            whole);
}

// The subject of what has happened to a customer is the customer; that of a ticket is the ticket.
TEST(default_rules, look_at_the_subject_only_where_it_is_the_customer) {
  EXPECT_EQ(by_default("profile.updated", R"({"subject":"cust_1"})"), whole);
  EXPECT_EQ(by_default("ticket.created", R"({"subject":"ticket_9"})"), refused);
  EXPECT_EQ(by_default("payment.received", R"({"subject":"pay_9"})"), refused);
  EXPECT_EQ(by_default("plan.updated", R"({"data":{"object":{"id":"plan_9"}}})"), refused);
}

TEST(rule, looks_for_the_customer_at_its_pointers_in_turn) {
  const std::vector<rule> rules{{.type = "t"}};
  const auto customer = [&](const char* document) {
    const auto got = scopes_of(of("t", document), rules);
    return got ? (**got).front().text() : std::string{code_name(got.error())};
  };
  EXPECT_EQ(customer(R"({"customer_id":"a","data":{"customer_id":"b"},"subject":"c"})"), "context:a");
  EXPECT_EQ(customer(R"({"data":{"customer_id":"b"},"subject":"c"})"), "context:b");
  EXPECT_EQ(customer(R"({"customer_id":null,"subject":"c"})"), "context:c");
  EXPECT_EQ(customer(R"({"customer_id":{"id":"a"},"subject":"c"})"), "context:c");
  EXPECT_EQ(customer(R"({"data":"b","subject":"c"})"), "context:c");
  EXPECT_EQ(customer("{}"), "invalid_request");
}

TEST(rule, reads_pointers_as_rfc_6901_says) {
  const auto* document = R"({"a/b":{"m~n":["x",{"":"y"}]},"~1":"z"})";
  const auto at = [&](std::string pointer) {
    const std::vector<rule> rules{{.type = "t", .customer_id = {std::move(pointer)}}};
    const auto got = scopes_of(of("t", document), rules);
    return got ? (**got).front().text() : std::string{code_name(got.error())};
  };
  EXPECT_EQ(at("/a~1b/m~0n/0"), "context:x");
  EXPECT_EQ(at("/a~1b/m~0n/1/"), "context:y");
  EXPECT_EQ(at("/~01"), "context:z");
  for (const auto* pointer : {"", "/", "a", "/a~1b", "/a~1b/m~0n/2", "/a~1b/m~0n/00", "/a~1b/m~0n/-", "/~2"})
    EXPECT_EQ(at(pointer), "invalid_request") << pointer;
}

TEST(rule, takes_whole_numbers_by_their_text) {
  const std::vector<rule> rules{{.type = "t"}};
  const auto customer = [&](const std::string& number) {
    const auto got = scopes_of(of("t", R"({"customer_id":)" + number + "}"), rules);
    return got ? (**got).front().text() : std::string{code_name(got.error())};
  };
  EXPECT_EQ(customer("42"), "context:42");
  EXPECT_EQ(customer("-1"), "context:-1");
  EXPECT_EQ(customer("18446744073709551615"), "context:18446744073709551615");
  for (const auto* other : {"18446744073709551616", "1.5", "1e3", "true", "null", "[]"})
    EXPECT_EQ(customer(other), "invalid_request") << other;
}

TEST(rule, refuses_an_id_that_cannot_be) {
  const std::vector<rule> rules{{.type = "t"}};
  const auto of_id = [&](const std::string& id) {
    return scopes_of(of("t", R"({"subject":"c","customer_id":")" + id + "\"}"), rules);
  };
  EXPECT_TRUE(of_id(std::string(id_bytes_max, 'x')));
  EXPECT_EQ(of_id(std::string(id_bytes_max + 1, 'x')).error(), errc::invalid_key);
  EXPECT_EQ(of_id("").error(), errc::invalid_key);
}

TEST(rule, refuses_what_is_not_an_object) {
  const std::vector<rule> rules{{.type = "t"}};
  for (const auto* document : {"", "{", "[]", "1", "{\"customer_id\":\"\xff\"}"})
    EXPECT_EQ(scopes_of(of("t", document), rules).error(), errc::invalid_document) << document;
}

TEST(rule, names_a_conversation_of_each_of_its_agent_types) {
  const std::vector<rule> rules{
      {.type = "t", .conversation_id = "/talk", .agent_types = {"support", "sales"}}};
  const auto got = scopes_of(of("t", R"({"customer_id":"c","talk":7})"), rules);
  EXPECT_EQ(texts_of(**got), (texts{"context:c:support:7", "context:c:sales:7"}));
  const auto without = scopes_of(of("t", R"({"customer_id":"c"})"), rules);
  EXPECT_EQ(texts_of(**without), (texts{"context:c:support", "context:c:sales"}));
}

TEST(rule, is_the_first_whose_type_fits) {
  const std::vector<rule> rules{{.type = "ticket.*", .agent_types = {"sales"}},
                                {.type = "*", .everything = true}};
  EXPECT_EQ(rule_for("ticket.created", rules), &rules[0]);
  EXPECT_EQ(rule_for("tickets", rules), &rules[1]);
  EXPECT_EQ(rule_for("tickets", {}), nullptr);
}

TEST(rule, for_everything_looks_at_nothing) {
  const std::vector<rule> rules{{.type = "*", .everything = true}};
  const auto got = scopes_of(of("t", "no json"), rules);
  EXPECT_EQ((**got).front().kind(), scope_kind::all);
}

}  // namespace
}  // namespace ctxcache::changes
