#include "http/query.hpp"

#include <gtest/gtest.h>

namespace ctxcache::http {
namespace {

[[nodiscard]] parsed<query> read(std::string_view text) {
  return query::read(text, {"after", "limit"});
}

TEST(query, gives_what_was_asked_for_decoded) {
  const auto got = read("after=%61%2Fb+c&limit=");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->find("after"), "a/b c");
  EXPECT_EQ(got->find("limit"), "");
  EXPECT_TRUE(read("")->find("after") == std::nullopt);
  EXPECT_EQ(read("&&limit&")->find("limit"), "");
  EXPECT_EQ(read("after=a=b")->find("after"), "a=b");
}

TEST(query, refuses_what_it_does_not_know_or_cannot_read) {
  for (const auto* const text : {"afer=1", "=1", "after=1&x", "after=1&after=1", "after=%", "after=%4",
                                 "after=%zz", "%=1", "after=%4g", "AFTER=1", "after=%+4"}) {
    const auto got = read(text);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().status, 400) << text;
    EXPECT_NE(got.error().detail, "") << text;
  }
}

TEST(query, numbers_are_whole_and_within_their_bounds) {
  const auto number = [](std::string_view text) {
    const auto all = read(text);
    return all->number("limit", 1, 1'000);
  };
  EXPECT_EQ(*number("limit=1"), std::uint64_t{1});
  EXPECT_EQ(*number("limit=1000"), std::uint64_t{1'000});
  EXPECT_EQ(*number("after=1"), std::nullopt);
  for (const auto* const text : {"limit=", "limit=0", "limit=1001", "limit=-1", "limit=+1", "limit=1.5",
                                 "limit=x", "limit=1x", "limit=18446744073709551617"}) {
    ASSERT_FALSE(number(text)) << text;
    EXPECT_EQ(number(text).error().detail, "limit is a whole number from 1 to 1000");
  }
}

}  // namespace
}  // namespace ctxcache::http
