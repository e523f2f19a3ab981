#include "providers/path_template.hpp"

#include <gtest/gtest.h>

namespace ctxcache::providers {
namespace {

std::optional<std::string> expanded(std::string_view path, const key_ids& ids) {
  return expand_path(path, *key::make(ids)).value();
}

}  // namespace

TEST(path_template, takes_ids_into_segments_and_query_values) {
  EXPECT_EQ(
      expanded("/c/{customer_id}/{agent_type}?v={conversation_id}&s=open", {"cust_1", "support", "v~1"}),
      "/c/cust_1/support?v=v~1&s=open");
  EXPECT_EQ(expanded("/{customer_id}-{customer_id}.json", {"a", "support"}), "/a-a.json");
  EXPECT_EQ(expanded("/fixed", {"a", "support"}), "/fixed");
}

TEST(path_template, hostile_ids_stay_within_their_segment) {
  EXPECT_EQ(expanded("/c/{customer_id}/x", {"../", "support"}), "/c/..%2F/x");
  EXPECT_EQ(expanded("/c/{customer_id}/x", {"@host", "support"}), "/c/%40host/x");
  EXPECT_EQ(expanded("/c/{customer_id}/x", {"%2f", "support"}), "/c/%252f/x");
  EXPECT_EQ(expanded("/c/{customer_id}/x", {"a?b#c&d=e;f+g", "support"}), "/c/a%3Fb%23c%26d%3De%3Bf%2Bg/x");
  EXPECT_EQ(expanded("/c/{customer_id}/x", {"a\r\nHost: b", "support"}), "/c/a%0D%0AHost%3A%20b/x");
  EXPECT_EQ(expanded("/c/{customer_id}/x", {"é", "support"}), "/c/%C3%A9/x");
  EXPECT_EQ(expanded("/c/{customer_id}/x", {std::string_view{"a\0b", 3}, "support"}), "/c/a%00b/x");
  EXPECT_EQ(expanded("/c/{customer_id}/x", {"{agent_type}", "support"}), "/c/%7Bagent_type%7D/x");
}

TEST(path_template, id_that_would_climb_has_no_path) {
  EXPECT_EQ(expanded("/c/{customer_id}/x", {"..", "support"}), std::nullopt);
  EXPECT_EQ(expanded("/c/{customer_id}", {".", "support"}), std::nullopt);
  EXPECT_EQ(expanded("/c/.{customer_id}?q=1", {".", "support"}), std::nullopt);
  EXPECT_EQ(expanded("/c/{customer_id}", {"...", "support"}), "/c/...");
  EXPECT_EQ(expanded("/c/{customer_id}.json", {"..", "support"}), "/c/...json");
  EXPECT_EQ(expanded("/c?id={customer_id}", {"..", "support"}), "/c?id=..");
}

TEST(path_template, conversation_that_is_absent_has_no_path) {
  EXPECT_EQ(expanded("/v/{conversation_id}", {"a", "support"}), std::nullopt);
  EXPECT_EQ(expanded("/c/{customer_id}?v={conversation_id}", {"a", "support"}), std::nullopt);
}

TEST(path_template, placeholders_may_be_all_there_is) {
  EXPECT_EQ(expanded("/{customer_id}/{agent_type}", {"a", "support"}), "/a/support");
}

TEST(path_template, refuses_templates_that_are_no_path) {
  for (const std::string_view bad :
       {"", "c/{customer_id}", "{customer_id}", "//host/{customer_id}", "/c/{id}", "/c/{customer_id",
        "/c#{customer_id}", "/a b", "/a\r\n", "/é"})
    EXPECT_EQ(expand_path(bad, *key::make({"a", "support"})).error(), errc::invalid_config) << bad;
}

}  // namespace ctxcache::providers
