#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load_fixture.hpp"

namespace config = ctxcache::config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

class event_rules : public config::load_fixture {};

}  // namespace

TEST_F(event_rules, every_key_reaches_its_place) {
  const auto made = from_file(R"([event."ticket.created"]
customer_id = "/data/customer_id"
conversation_id = "/data/a~1b/~0/0"
agent_types = ["support"]
[event."customer.*"]
customer_id = ["/data/id", "/subject"]
[event.import]
everything = true
)");
  ASSERT_THAT(texts(made.errors), IsEmpty());
  EXPECT_THAT(texts(made.warnings), IsEmpty());
  ASSERT_EQ(made.config.event_rules.size(), 3u);
  const auto& ticket = made.config.event_rules[0];
  EXPECT_EQ(ticket.type, "ticket.created");
  EXPECT_THAT(ticket.customer_id, ElementsAre("/data/customer_id"));
  EXPECT_EQ(ticket.conversation_id, "/data/a~1b/~0/0");
  EXPECT_THAT(ticket.agent_types, ElementsAre("support"));
  EXPECT_FALSE(ticket.everything);
  EXPECT_EQ(ticket.at.line, 1u);
  const auto& customer = made.config.event_rules[1];
  EXPECT_THAT(customer.customer_id, ElementsAre("/data/id", "/subject"));
  EXPECT_THAT(customer.agent_types, IsEmpty());
  EXPECT_TRUE(made.config.event_rules[2].everything);
  EXPECT_EQ(shown(made, "event.\"ticket.created\".customer_id"), "/data/customer_id (line 2)");
  EXPECT_EQ(shown(made, "event.\"customer.*\".agent_types"), "all (default)");
  EXPECT_EQ(shown(made, "event.\"import\".everything"), "true (line 8)");
}

TEST_F(event_rules, mistakes) {
  const auto made = from_file(R"([event.a]
customer_id = "data/id"
[event.b]
customer_id = ["/ok", "/~2", "/x~"]
conversation_id = "/c"
[event.c]
customer_id = []
conversation_id = "c"
agent_types = ["suport"]
[event.d]
everything = true
customer_id = "/x"
conversation_id = "/y"
agent_types = ["support"]
[event.e]
customer_id = 1
agent_types = []
[event.f]
customer = "/x"
[event.""]
)");
  EXPECT_THAT(
      texts(made.errors),
      ElementsAre("2:15: customer_id: \"data/id\" is not a JSON pointer such as \"/data/customer_id\"",
                  "4:15: customer_id: \"/~2\" is not a JSON pointer such as \"/data/customer_id\"",
                  "4:15: customer_id: \"/x~\" is not a JSON pointer such as \"/data/customer_id\"",
                  "5:19: conversation_id: needs agent_types, whose conversations are meant",
                  "7:15: customer_id: names no place",
                  "8:19: conversation_id: \"c\" is not a JSON pointer such as \"/data/customer_id\"",
                  "9:16: unknown agent type \"suport\"; did you mean \"support\"?",
                  "12:15: customer_id: with everything = true there is nothing to choose",
                  "13:19: conversation_id: with everything = true there is nothing to choose",
                  "14:15: agent_types: with everything = true there is nothing to choose",
                  "16:15: customer_id: expected a string or an array of strings",
                  "17:15: agent_types: names none; leave it out for all of them",
                  "19:1: unknown key \"customer\"; did you mean \"customer_id\"?",
                  "20:8: the type of an event has 1 to 256 bytes"));
}

TEST_F(event_rules, a_type_with_dots_needs_quotes) {
  EXPECT_THAT(texts(from_file("[event.ticket.created]\nagent_types = [\"support\"]\n").errors),
              ElementsAre(HasSubstr("a type with dots needs quotes: [event.\"ticket.created\"]")));
}

TEST_F(event_rules, one_type_has_one_rule) {
  const auto made = from_file("[event.\"a.b\"]\n[event.\"a.b\"]\n");
  ASSERT_EQ(made.errors.size(), 1u);
  EXPECT_EQ(made.errors[0].at.line, 2u);
}

TEST_F(event_rules, what_never_applies_is_told) {
  const auto made = from_file("[event.\"ticket.*\"]\n[event.\"ticket.created\"]\n[event.\"ticket.c*\"]\n");
  EXPECT_TRUE(made.ok());
  EXPECT_THAT(
      texts(made.warnings),
      ElementsAre("2:8: never applies: [event.\"ticket.*\"] before it is for the same events, and the "
                  "first rule counts"));
}
