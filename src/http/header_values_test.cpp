#include "http/header_values.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ctxcache::http {
namespace {

using std::chrono::seconds;

TEST(cache_control, reads_known_directives_in_any_case_and_order) {
  const auto got = parse_cache_control("foo, No-Cache ,max-age=30,ONLY-IF-CACHED, no-store, bar=\"1\"");
  EXPECT_TRUE(got.no_cache);
  EXPECT_TRUE(got.no_store);
  EXPECT_TRUE(got.only_if_cached);
  EXPECT_EQ(got.max_age, seconds{30});
}

TEST(cache_control, passes_over_what_it_does_not_know) {
  const auto got = parse_cache_control("max-stale=5, no-cached, xno-store,,");
  EXPECT_FALSE(got.no_cache || got.no_store || got.only_if_cached || got.max_age);
}

TEST(cache_control, reads_an_odd_max_age_carefully) {
  EXPECT_EQ(parse_cache_control("max-age=\"7\"").max_age, seconds{7});
  EXPECT_EQ(parse_cache_control("max-age = 7").max_age, seconds{7});
  EXPECT_EQ(parse_cache_control("max-age=0").max_age, seconds{0});
  EXPECT_EQ(parse_cache_control("max-age").max_age, seconds{0});
  EXPECT_EQ(parse_cache_control("max-age=-1").max_age, seconds{0});
  EXPECT_EQ(parse_cache_control("max-age=7s").max_age, seconds{0});
  EXPECT_EQ(parse_cache_control("max-age=99999999999999999999").max_age, seconds{UINT32_MAX});
}

TEST(if_none_match, compares_weakly_over_lists) {
  EXPECT_TRUE(names_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(names_etag("W/\"a\"", "\"a\""));
  EXPECT_TRUE(names_etag("\"b\" , W/\"a\"", "\"a\""));
  EXPECT_TRUE(names_etag("*", "\"a\""));
  EXPECT_FALSE(names_etag("\"b\"", "\"a\""));
  EXPECT_FALSE(names_etag("a", "\"a\""));
  EXPECT_FALSE(names_etag("", "\"a\""));
  EXPECT_FALSE(names_etag(",,", "\"a\""));
}

TEST(content_type, is_json_with_any_parameters_or_absent) {
  EXPECT_TRUE(accepts_as_json(""));
  EXPECT_TRUE(accepts_as_json("application/json"));
  EXPECT_TRUE(accepts_as_json("Application/JSON ; charset=utf-8"));
  EXPECT_FALSE(accepts_as_json("text/plain"));
  EXPECT_FALSE(accepts_as_json("application/jsonp"));
}

TEST(request_id, of_a_caller_is_kept_only_when_harmless) {
  EXPECT_TRUE(is_sane_request_id("a-B_9.:/+=@~"));
  EXPECT_TRUE(is_sane_request_id(std::string(128, 'x')));
  for (const auto* bad : {"", "a b", "a\"b", "a\r\nb", "a%b", "\xc3\xa4", "{}"})
    EXPECT_FALSE(is_sane_request_id(bad)) << bad;
  EXPECT_FALSE(is_sane_request_id(std::string(129, 'x')));
}

TEST(request_id, of_our_own_is_sane_and_never_the_same) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(make_request_id());
  EXPECT_EQ(seen.size(), 10'000u);
  EXPECT_TRUE(is_sane_request_id(*seen.begin()));
}

TEST(header_lines, are_found_whatever_their_case_and_joined) {
  const std::string lines = "Ce-Type: a: b\r\nX-Empty: \r\nce-type: c\r\n";
  EXPECT_EQ(value_in(lines, "CE-TYPE"), "a: b, c");
  EXPECT_EQ(value_in(lines, "X-Empty"), "");
  EXPECT_EQ(value_in(lines, "Ce"), "");
  ASSERT_EQ(split_lines(lines).size(), 3u);
  EXPECT_EQ(split_lines(lines)[1].name, "X-Empty");
  EXPECT_TRUE(split_lines("").empty());
}

}  // namespace
}  // namespace ctxcache::http
