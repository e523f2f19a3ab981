#include "url.hpp"

#include <gtest/gtest.h>

namespace client = ctxcache::client;

TEST(url, takes_host_port_and_prefix) {
  const auto plain = client::parse_url("http://localhost:8000");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "localhost");
  EXPECT_EQ(plain->port, "8000");
  EXPECT_EQ(plain->prefix, "");
  const auto behind_proxy = client::parse_url("http://proxy/ctx/");
  ASSERT_TRUE(behind_proxy);
  EXPECT_EQ(behind_proxy->port, "80");
  EXPECT_EQ(behind_proxy->prefix, "/ctx");
  const auto six = client::parse_url("http://[::1]:8000/");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(client::authority(*six), "[::1]:8000");
}

TEST(url, refuses_what_it_cannot_talk_to) {
  for (const auto* text : {"", "localhost:8000", "https://h", "http://", "http://:80", "http://h:",
                           "http://h:x", "http://h:123456", "http://[::1", "http://[]:1", "http://[::1]x",
                           "http://h/?q", "http://u:p@h", "http://h /", "http://h\r\nX: y"}) {
    EXPECT_FALSE(client::parse_url(text)) << text;
  }
}

TEST(path, encodes_each_id_as_one_segment) {
  EXPECT_EQ(*client::path_of("/b", {"cust_1", "support"}), "/b/cust_1/support");
  EXPECT_EQ(*client::path_of("/b", {"a/../b", "support", "c?d#e"}), "/b/a%2F..%2Fb/support/c%3Fd%23e");
  EXPECT_EQ(*client::path_of("/b", {"..", ".", "\r\n"}), "/b/%2E%2E/%2E/%0D%0A");
}

TEST(path, refuses_ids_that_are_none) {
  EXPECT_FALSE(client::path_of("/b", {"", "support"}));
  EXPECT_FALSE(client::path_of("/b", {"c", "support", ""}));
  EXPECT_FALSE(client::path_of("/b", {std::string(129, 'x'), "support"}));
  EXPECT_TRUE(client::path_of("/b", {std::string(128, 'x'), "support"}));
  EXPECT_FALSE(client::path_of("/b", {"\xff", "support"}));
}
