#include "text_table.hpp"

#include <gtest/gtest.h>

namespace client = ctxcache::client;

TEST(text_table, columns_are_as_wide_as_their_widest_cell) {
  EXPECT_EQ(client::format_table({{"a", "bb", "c"}, {"aaa", "b"}}), "a    bb  c\naaa  b\n");
  EXPECT_EQ(client::format_table({{"x", "1"}, {"longer", "100"}}, client::align::right),
            "x         1\nlonger  100\n");
}

TEST(text_table, counts_characters_not_bytes) {
  EXPECT_EQ(client::format_table({{"é", "1"}, {"ab", "2"}}), "é   1\nab  2\n");
}

TEST(text_table, no_rows_no_lines) {
  EXPECT_EQ(client::format_table({}), "");
}

TEST(human, bytes) {
  EXPECT_EQ(client::human_bytes(0), "0 B");
  EXPECT_EQ(client::human_bytes(1023), "1023 B");
  EXPECT_EQ(client::human_bytes(1024), "1.0 KiB");
  EXPECT_EQ(client::human_bytes(std::uint64_t{3} << 40), "3072.0 GiB");
}

TEST(human, seconds) {
  EXPECT_EQ(client::human_seconds(59), "59 s");
  EXPECT_EQ(client::human_seconds(60), "1 min 0 s");
  EXPECT_EQ(client::human_seconds(3'661), "1 h 1 min");
  EXPECT_EQ(client::human_seconds(90'000), "1 d 1 h");
}
