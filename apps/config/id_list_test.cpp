#include "config/id_list.hpp"

#include <gtest/gtest.h>

namespace config = ctxcache::config;

namespace {

std::string shown(const std::vector<config::id_list::line>& lines) {
  std::string made;
  for (const auto& one : lines) made += std::to_string(one.number) + ":" + one.text + " ";
  return made;
}

}  // namespace

TEST(id_list, skips_comments_and_blank_lines) {
  EXPECT_EQ(shown(config::parse_ids("# all of them\n\ncust_1\n  \n\t# more\ncust_2\n").ids),
            "3:cust_1 6:cust_2 ");
}

TEST(id_list, takes_any_line_ending_and_a_byte_order_mark) {
  EXPECT_EQ(shown(config::parse_ids("\xEF\xBB\xBF"
                                    "a\r\n b \r\nc")
                      .ids),
            "1:a 2:b 3:c ");
}

TEST(id_list, keeps_the_first_of_duplicates) {
  EXPECT_EQ(shown(config::parse_ids("a\nb\na\n").ids), "1:a 2:b ");
}

TEST(id_list, keeps_a_hash_inside_an_id) {
  EXPECT_EQ(shown(config::parse_ids("a#1\n").ids), "1:a#1 ");
}

TEST(id_list, sorts_out_what_cannot_be_an_id) {
  const auto list = config::parse_ids("a\n" + std::string(129, 'x') + "\n\xff\n" + std::string(128, 'y'));
  EXPECT_EQ(list.ids.size(), 2u);
  ASSERT_EQ(list.bad.size(), 2u);
  EXPECT_EQ(list.bad[0].number, 2u);
  EXPECT_EQ(list.bad[0].text, std::string(128, 'x'));
  EXPECT_EQ(list.bad[1].text, "?") << "it has to stand in JSON and on a terminal";
  EXPECT_EQ(list.bad[1].number, 3u);
}
