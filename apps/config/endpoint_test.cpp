#include <gtest/gtest.h>

#include "config/daemon_config.hpp"

namespace config = ctxcache::config;

TEST(endpoint, knows_loopback) {
  for (const auto* text : {"127.0.0.1:8000", "127.9.9.9:1", "[::1]:8000", "localhost:0"}) {
    ASSERT_TRUE(config::parse_endpoint(text)) << text;
    EXPECT_TRUE(config::parse_endpoint(text)->loopback) << text;
  }
  for (const auto* text : {"0.0.0.0:8000", "[::]:8000", "10.0.0.1:80", "[2001:db8::1]:65535"}) {
    ASSERT_TRUE(config::parse_endpoint(text)) << text;
    EXPECT_FALSE(config::parse_endpoint(text)->loopback) << text;
  }
}

TEST(endpoint, splits_address_and_port) {
  const auto six = config::parse_endpoint("[::1]:65535");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->address, "::1");
  EXPECT_EQ(six->port, 65535);
  EXPECT_EQ(config::parse_endpoint("localhost:1")->address, "127.0.0.1");
}

TEST(endpoint, refuses_what_is_none) {
  for (const auto* text : {"", ":", "8000", ":8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:-1", "::1:8000", "[127.0.0.1]:80", "example.com:80", "127.0.0.1:80 "}) {
    EXPECT_FALSE(config::parse_endpoint(text)) << text;
  }
}
