#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "ctxcache/key.hpp"
#include "model/glob.hpp"

namespace ctxcache {
namespace {

using std::string;
using maybe_id = std::optional<string>;

rc::Gen<string> id() {
  return rc::gen::element<string>("a", "b", "a:b", "*", "ab", "%2A");
}

rc::Gen<maybe_id> maybe() {
  return rc::gen::oneOf(rc::gen::just(maybe_id{}),
                        rc::gen::map(id(), [](string one) { return maybe_id{one}; }));
}

key make(std::string_view customer, std::string_view agent,
         std::optional<std::string_view> conversation = {}) {
  return key::make({customer, agent, conversation}).value();
}

TEST(scope, kind_and_text_follow_the_ids_that_are_present) {
  const auto customer = scope::of("c", std::nullopt, std::nullopt).value();
  EXPECT_EQ(customer.kind(), scope_kind::customer);
  EXPECT_EQ(customer.text(), "context:c");
  EXPECT_EQ(customer.glob(), "context:c:*");
  const auto agent = scope::of("c", "a*", std::nullopt).value();
  EXPECT_EQ(agent.kind(), scope_kind::agent_type);
  EXPECT_EQ(agent.text(), "context:c:a%2A");
  EXPECT_EQ(agent.glob(), "context:c:a%2A:*");
  const auto conversation = scope::of("c", "a", "v").value();
  EXPECT_EQ(conversation.kind(), scope_kind::key);
  EXPECT_EQ(conversation.text(), "context:c:a:v");
  EXPECT_EQ(conversation.glob(), "context:c:a:v");
  EXPECT_EQ(scope::everything().kind(), scope_kind::all);
  EXPECT_EQ(scope::everything().text(), "");
  EXPECT_EQ(scope::everything().glob(), "context:*");
}

TEST(scope, of_a_conversation_without_agent_type_is_no_scope) {
  EXPECT_EQ(scope::of("c", std::nullopt, "v").error(), errc::invalid_request);
}

TEST(scope, of_a_bad_id_is_no_scope) {
  EXPECT_EQ(scope::of("", std::nullopt, std::nullopt).error(), errc::invalid_key);
  EXPECT_EQ(scope::of("c", "", std::nullopt).error(), errc::invalid_key);
  EXPECT_EQ(scope::of("c", "a", "").error(), errc::invalid_key);
  EXPECT_EQ(scope::of("\xFF", std::nullopt, std::nullopt).error(), errc::invalid_key);
}

TEST(scope, pattern_has_1_to_256_bytes) {
  EXPECT_EQ(scope::matching("").error(), errc::invalid_pattern);
  EXPECT_EQ(scope::matching(string(257, '*')).error(), errc::invalid_pattern);
  const auto longest = scope::matching(string(256, '*')).value();
  EXPECT_EQ(longest.kind(), scope_kind::pattern);
  EXPECT_EQ(longest.glob(), string(256, '*'));
}

TEST(scope, pattern_covers_what_it_matches_and_nothing_else) {
  const auto support = scope::matching("context:*:support").value();
  EXPECT_TRUE(support.covers(make("c", "support")));
  EXPECT_FALSE(support.covers(make("c", "support", "v")));
  EXPECT_FALSE(support.covers(make("c", "billing")));
  const auto below = scope::matching("context:c:support:*").value();
  EXPECT_FALSE(below.covers(make("c", "support")));
  EXPECT_TRUE(below.covers(make("c", "support", "v")));
}

TEST(scope, exactly_a_key_leaves_its_conversations) {
  const auto one = scope::exactly(make("c", "a"));
  EXPECT_EQ(one.kind(), scope_kind::key);
  EXPECT_TRUE(one.covers(make("c", "a")));
  EXPECT_FALSE(one.covers(make("c", "a", "v")));
}

TEST(scope, of_a_customer_called_star_covers_only_that_one) {
  const auto star = scope::of("*", std::nullopt, std::nullopt).value();
  EXPECT_TRUE(star.covers(make("*", "a")));
  EXPECT_FALSE(star.covers(make("b", "a")));
  EXPECT_FALSE(glob_matches(star.glob(), make("b", "a").text()));
}

RC_GTEST_PROP(scope, covers_exactly_the_keys_whose_ids_it_names, ()) {
  const auto customer = *id();
  const auto agent = *maybe();
  const auto conversation = agent ? *maybe() : maybe_id{};
  const auto key_customer = *id();
  const auto key_agent = *id();
  const auto key_conversation = *maybe();
  const bool named = customer == key_customer && (!agent || *agent == key_agent) &&
                     (!conversation || conversation == key_conversation);
  const auto one = make(key_customer, key_agent, key_conversation);
  const auto what = scope::of(customer, agent, conversation).value();
  RC_ASSERT(what.covers(one) == named);
  RC_ASSERT((what.text() == one.text() || glob_matches(what.glob(), one.text())) == named);
  RC_ASSERT(scope::everything().covers(one));
  RC_ASSERT(scope::exactly(one).covers(one));
}

TEST(scope, is_restored_from_its_kind_and_text) {
  const scope all_kinds[] = {
      scope::of("c:*", "a", "v").value(),          scope::exactly(make("c", "a")),
      scope::of("c:*", "a", std::nullopt).value(), scope::of("c:*", std::nullopt, std::nullopt).value(),
      scope::matching("context:[^:]*").value(),    scope::everything()};
  for (const auto& one : all_kinds) {
    const auto again = scope::restore(one.kind(), one.text());
    ASSERT_TRUE(again) << one.text();
    EXPECT_EQ(again->kind(), one.kind());
    EXPECT_EQ(again->text(), one.text());
  }
}

TEST(scope, is_not_restored_from_a_text_that_no_scope_of_its_kind_has) {
  const auto refused = [](scope_kind kind, std::string_view text) {
    return scope::restore(kind, text).error();
  };
  for (const auto* const text :
       {"", "context:", "context:c", "context:c:", "context:c:a:v:w", "context:*:a"}) {
    EXPECT_EQ(refused(scope_kind::key, text), errc::invalid_key) << text;
    EXPECT_EQ(refused(scope_kind::agent_type, text), errc::invalid_key) << text;
  }
  EXPECT_EQ(refused(scope_kind::agent_type, "context:c:a:v"), errc::invalid_key);
  for (const auto* const text : {"", "context", "context:", "context:c:", "context:c:a", "context:%2a"}) {
    EXPECT_EQ(refused(scope_kind::customer, text), errc::invalid_key) << text;
  }
  EXPECT_EQ(refused(scope_kind::pattern, ""), errc::invalid_pattern);
  EXPECT_EQ(refused(scope_kind::pattern, string(257, '*')), errc::invalid_pattern);
  EXPECT_EQ(refused(scope_kind::all, "context:c"), errc::invalid_key);
}

TEST(scope, kinds_have_names) {
  EXPECT_EQ(name(scope_kind::key), "key");
  EXPECT_EQ(name(scope_kind::agent_type), "agent_type");
  EXPECT_EQ(name(scope_kind::customer), "customer");
  EXPECT_EQ(name(scope_kind::pattern), "pattern");
  EXPECT_EQ(name(scope_kind::all), "all");
}

}  // namespace
}  // namespace ctxcache
