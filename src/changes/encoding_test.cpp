#include "changes/encoding.hpp"

#include <gtest/gtest.h>

#include "changes/signed_time.hpp"

namespace ctxcache::changes {
namespace {

using namespace std::chrono_literals;

// RFC 4648, section 10.
TEST(base64, is_read_with_padding_and_without) {
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("Zg=="), "f");
  EXPECT_EQ(from_base64("Zg"), "f");
  EXPECT_EQ(from_base64("Zm8="), "fo");
  EXPECT_EQ(from_base64("Zm9v"), "foo");
  EXPECT_EQ(from_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(from_base64("+/+/"), "\xfb\xff\xbf");
}

TEST(base64, is_nothing_else) {
  for (const auto* text : {"Z", "Zg=", "Zg===", "Zm9v====", "Zm 9v", "Zm9-", "Z=g=", "Zm9v\n"})
    EXPECT_FALSE(from_base64(text)) << text;
}

TEST(hexadecimal, is_read_in_either_case) {
  EXPECT_EQ(from_hex(""), "");
  EXPECT_EQ(from_hex("00fFAb"), (std::string{'\0', '\xff', '\xab'}));
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(from_hex("g0"));
}

TEST(shortened_text, ends_with_a_whole_character) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc");
  EXPECT_EQ(shortened("ab€", 4), "ab");
  EXPECT_EQ(shortened("ab€", 5), "ab€");
  EXPECT_EQ(shortened("€", 0), "");
}

TEST(trimmed_text, has_no_blanks_around) {
  EXPECT_EQ(trimmed(" \ta b\t "), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
}

TEST(time_of_a_signature, is_read_from_seconds) {
  EXPECT_EQ(seconds_from("1763800000"), wall_seconds{1763800000s});
  EXPECT_EQ(seconds_from("253402300799"), wall_seconds{253402300799s});
  for (const auto* text : {"", "-1", "+1", "1.5", "1e3", " 1", "253402300800", "9999999999999"})
    EXPECT_FALSE(seconds_from(text)) << text;
}

TEST(time_of_a_signature, is_read_from_iso_8601) {
  const wall_seconds then{1616648967s};
  EXPECT_EQ(iso_8601_from("2021-03-25T05:09:27Z"), then);
  EXPECT_EQ(iso_8601_from("2021-03-25T05:09:27.987654321Z"), then);
  EXPECT_EQ(iso_8601_from("2021-03-25T07:09:27+02:00"), then);
  EXPECT_EQ(iso_8601_from("2021-03-24T23:39:27.5-05:30"), then);
}

TEST(time_of_a_signature, is_no_other_text) {
  for (const auto* text :
       {"", "2021", "2021-03-25", "2021-03-25T05:09:27", "2021-02-29T05:09:27Z", "2021-03-25T24:09:27Z",
        "2021-03-25T05:60:27Z", "2021-03-25T05:09:61Z", "2021-03-25 05:09:27Z", "2021-03-25T05:09:27ZZ",
        "2021-03-25T05:09:27+0200", "2021-3-25T05:09:27Z", "2021-03-25T05:09:27+02:0x"})
    EXPECT_FALSE(iso_8601_from(text)) << text;
}

}  // namespace
}  // namespace ctxcache::changes
