#include "providers/same_context.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ctxcache::providers {
namespace {

TEST(same_context, leaves_out_when_and_how_it_was_loaded) {
  EXPECT_TRUE(same_context(R"({"generated_at":"a","context":{"crm":{"name":"x"}},"providers":{"crm":1}})",
                           R"({"generated_at":"b","context":{"crm":{"name":"x"}},"providers":{"crm":2}})"));
  EXPECT_FALSE(same_context(R"({"generated_at":"a","context":{"crm":{"name":"x"}}})",
                            R"({"generated_at":"a","context":{"crm":{"name":"y"}}})"));
}

TEST(same_context, does_not_mind_order_and_space) {
  EXPECT_TRUE(
      same_context(R"({"context":{"a":1,"b":[1,2]}})", R"({ "context" : { "b" : [1, 2], "a" : 1 } })"));
  EXPECT_FALSE(same_context(R"({"context":{"b":[1,2]}})", R"({"context":{"b":[2,1]}})"));
}

TEST(same_context, compares_other_documents_as_a_whole) {
  EXPECT_TRUE(same_context(R"({"a":1,"b":2})", R"({"b":2,"a":1})"));
  EXPECT_FALSE(same_context(R"({"a":1})", R"({"a":2})"));
  EXPECT_FALSE(same_context(R"({"context":{}})", R"({"a":{}})"));
}

TEST(same_context, compares_what_is_no_json_by_its_bytes) {
  EXPECT_TRUE(same_context("no json", "no json"));
  EXPECT_FALSE(same_context("no json", "none"));
  EXPECT_FALSE(same_context("{}", "none"));
  EXPECT_FALSE(same_context("none", "{}"));
}

TEST(same_context, follows_deep_documents) {
  const auto nested = [](std::size_t levels, const std::string& in) {
    return R"({"context":)" + std::string(levels, '[') + in + std::string(levels, ']') + "}";
  };
  EXPECT_TRUE(same_context(nested(1'000, "1"), nested(1'000, " 1")));
  EXPECT_FALSE(same_context(nested(1'000, "1"), nested(1'000, "2")));
}

}  // namespace
}  // namespace ctxcache::providers
