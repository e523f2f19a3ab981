#include "model/key_hash.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ctxcache {
namespace {

key make(std::string_view customer, std::string_view agent,
         std::optional<std::string_view> conversation = std::nullopt) {
  return key::make({customer, agent, conversation}).value();
}

TEST(key_hash, of_equal_keys_is_equal) {
  const key_hasher hash;
  const auto one = hash(make("c", "a", "v"));
  const auto other = hash(make("c", "a", "v"));
  EXPECT_EQ(one.customer, other.customer);
  EXPECT_EQ(one.agent_type, other.agent_type);
  EXPECT_EQ(one.whole, other.whole);
}

TEST(key_hash, of_a_key_without_conversation_differs_from_its_agent_type) {
  const key_hasher hash;
  const auto one = hash(make("c", "a"));
  EXPECT_NE(one.whole, one.agent_type);
  EXPECT_NE(one.whole, one.customer);
  EXPECT_NE(one.agent_type, one.customer);
}

TEST(key_hash, of_a_prefix_is_shared_by_what_hangs_below_it) {
  const key_hasher hash;
  const auto plain = hash(make("c", "a"));
  const auto conversation = hash(make("c", "a", "v"));
  const auto other_agent = hash(make("c", "b"));
  EXPECT_EQ(plain.agent_type, conversation.agent_type);
  EXPECT_NE(plain.whole, conversation.whole);
  EXPECT_EQ(plain.customer, other_agent.customer);
  EXPECT_NE(plain.agent_type, other_agent.agent_type);
}

TEST(key_hash, of_a_scope_is_that_of_the_keys_it_covers) {
  const key_hasher hash;
  for (const auto& one : {make("c", "a"), make("c", "a", "v"), make("\xC3\xA9:*", "a", "%")}) {
    const auto customer = one.customer_id();
    const auto agent = one.agent_type();
    const auto hashes = hash(one);
    EXPECT_EQ(hash(scope::of(customer, std::nullopt, std::nullopt).value()), hashes.customer);
    EXPECT_EQ(hash(scope::of(customer, agent, std::nullopt).value()), hashes.agent_type);
    EXPECT_EQ(hash(scope::exactly(one)), hashes.whole);
  }
}

TEST(key_hash, cannot_be_foretold) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(key_hasher{}(make("c", "a")).whole);
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace ctxcache
