#include "config/suggest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace config = ctxcache::config;

TEST(edit_distance, counts_each_kind_of_slip_once) {
  EXPECT_EQ(config::edit_distance("ttl", "ttl"), 0u);
  EXPECT_EQ(config::edit_distance("tl", "ttl"), 1u);
  EXPECT_EQ(config::edit_distance("tttl", "ttl"), 1u);
  EXPECT_EQ(config::edit_distance("ttk", "ttl"), 1u);
  EXPECT_EQ(config::edit_distance("tlt", "ttl"), 1u);
  EXPECT_EQ(config::edit_distance("", "ttl"), 3u);
}

TEST(suggestion, names_the_nearest) {
  constexpr std::array<std::string_view, 3> names{"l1_cache_ttl", "l2_cache_ttl", "listen"};
  EXPECT_EQ(config::nearest("l2_cache_tll", names), "l2_cache_ttl");
  EXPECT_EQ(config::suggestion("lisetn", names), "; did you mean \"listen\"?");
}

TEST(suggestion, is_silent_about_what_is_far_from_all) {
  constexpr std::array<std::string_view, 2> names{"listen", "id"};
  EXPECT_EQ(config::suggestion("colour", names), "");
  EXPECT_EQ(config::suggestion("xy", names), "");
  EXPECT_EQ(config::suggestion(std::string(10'000, 'l'), names), "");
}
