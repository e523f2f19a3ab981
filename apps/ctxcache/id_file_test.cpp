#include "id_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/child_process.hpp"

namespace client = ctxcache::client;

namespace {

std::string shown(const std::vector<client::id_list::line>& lines) {
  std::string made;
  for (const auto& one : lines) made += std::to_string(one.number) + ":" + one.text + " ";
  return made;
}

}  // namespace

TEST(id_file, skips_comments_and_blank_lines) {
  EXPECT_EQ(shown(client::parse_ids("# all of them\n\ncust_1\n  \n\t# more\ncust_2\n").ids),
            "3:cust_1 6:cust_2 ");
}

TEST(id_file, takes_any_line_ending_and_a_byte_order_mark) {
  EXPECT_EQ(shown(client::parse_ids("\xEF\xBB\xBF"
                                    "a\r\n b \r\nc")
                      .ids),
            "1:a 2:b 3:c ");
}

TEST(id_file, keeps_the_first_of_duplicates) {
  EXPECT_EQ(shown(client::parse_ids("a\nb\na\n").ids), "1:a 2:b ");
}

TEST(id_file, keeps_a_hash_inside_an_id) {
  EXPECT_EQ(shown(client::parse_ids("a#1\n").ids), "1:a#1 ");
}

TEST(id_file, sorts_out_what_cannot_be_an_id) {
  const auto list = client::parse_ids("a\n" + std::string(129, 'x') + "\n\xff\n" + std::string(128, 'y'));
  EXPECT_EQ(list.ids.size(), 2u);
  ASSERT_EQ(list.bad.size(), 2u);
  EXPECT_EQ(list.bad[0].number, 2u);
  EXPECT_EQ(list.bad[1].number, 3u);
}

TEST(input, is_read_whole) {
  const ctxcache::test::temporary_folder folder;
  const auto path = folder.path() + "/f";
  const std::string text(100'000, 'x');
  std::ofstream(path) << text;
  EXPECT_EQ(*client::read_input(path, text.size()), text);
  EXPECT_EQ(client::read_input(path, text.size() - 1).error().text, path + ": is larger than 99999 bytes");
  EXPECT_EQ(client::read_input("/nowhere", 1).error().text, "/nowhere: No such file or directory");
  EXPECT_EQ(client::read_input("/", 1).error().text, "/: Is a directory");
}
