#include "id_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/child_process.hpp"

namespace client = ctxcache::client;

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
