#include "providers/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/json.hpp>

namespace ctxcache::providers {

TEST(json_quoted, reads_back_as_the_same_text) {
  rc::check([](const std::string& bytes) {
    std::string ascii;
    for (const char byte : bytes) ascii += static_cast<char>(byte & 0x7f);
    RC_ASSERT(boost::json::parse(json_quoted(ascii)).as_string() == ascii);
  });
  EXPECT_EQ(json_quoted("é\u2028😀"), "\"é\u2028😀\"");
  EXPECT_EQ(json_quoted("\"\\\n\t\x01\x7f"), "\"\\\"\\\\\\n\\u0009\\u0001\x7f\"");
}

TEST(checked_json, drops_insignificant_space_only) {
  EXPECT_EQ(*checked_json(" { \"a b\" : [ 1 , \"x y\" ] }\n"), R"({"a b":[1,"x y"]})");
  EXPECT_EQ(*checked_json("null"), "null");
}

TEST(checked_json, refuses_what_is_not_one_json_value) {
  for (const std::string_view bad :
       {"", " ", "{", "{} {}", "nul", "<html>", "\"\xff\"", "[1,]", "\"\n\"", "NaN"})
    EXPECT_EQ(checked_json(bad).error(), errc::provider_failed) << bad;
  EXPECT_FALSE(checked_json(std::string(2000, '[') + std::string(2000, ']')));
}

TEST(trusted_json, refuses_bytes_that_are_not_utf_8) {
  EXPECT_EQ(*trusted_json("[1, \"é\"]"), "[1,\"é\"]");
  EXPECT_FALSE(trusted_json("\"\xc3\""));
  EXPECT_FALSE(trusted_json(""));
}

}  // namespace ctxcache::providers
