#include "model/glob.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ctxcache {
namespace {

struct sample {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

void expect_all(std::initializer_list<sample> samples) {
  for (const auto& one : samples) {
    EXPECT_EQ(glob_matches(one.pattern, one.text), one.matches) << one.pattern << " on " << one.text;
  }
}

TEST(glob, without_special_bytes_matches_itself_only) {
  expect_all({{"context:a:support", "context:a:support", true},
              {"context:a:support", "context:a:suppor", false},
              {"context:a:support", "context:a:supports", false},
              {"a", "A", false},
              {"", "", true},
              {"", "a", false}});
}

TEST(glob, star_matches_any_run_of_bytes) {
  expect_all({{"*", "", true},
              {"*", "a:b", true},
              {"a*", "a", true},
              {"a***", "a", true},
              {"*b*", "abc", true},
              {"*ab", "aab", true},
              {"a*b*c", "a-b-b-c", true},
              {"a*b*c", "a-c-b", false},
              {"context:*:support", "context:a:support", true},
              {"context:*:support", "context:a:support:conv", false}});
}

TEST(glob, star_on_the_empty_text_is_as_odd_as_in_redis) {
  expect_all({{"**", "", false}, {"?", "", false}, {"[^a]", "", false}});
}

TEST(glob, question_mark_matches_one_byte) {
  expect_all({{"?", "a", true}, {"?", "ab", false}, {"a?c", "abc", true}, {"??", "\xC3\xA9", true}});
}

TEST(glob, class_matches_one_of_its_bytes) {
  expect_all({{"[abc]", "b", true},
              {"[abc]", "d", false},
              {"[^abc]", "d", true},
              {"[^abc]", "b", false},
              {"[a-c]", "b", true},
              {"[c-a]", "b", true},
              {"[a-c]", "d", false},
              {"[a-]", "-", false},
              {"[]", "]", false},
              {"[^]", "x", true},
              {"[]a]", "a", false},
              {"[a^]", "^", true},
              {"x[ab]*[cd]y", "xa..dy", true}});
}

TEST(glob, class_without_end_ends_with_the_pattern) {
  expect_all({{"[ab", "b", true},
              {"[ab", "c", false},
              {"[a-]", "]", true},  // a range from a to ], and no end
              {"[", "[", false},
              {"[^", "x", true},
              {"*[b", "aab", true},
              {"[\\", "\\", true}});
}

TEST(glob, backslash_takes_the_next_byte_as_it_is) {
  expect_all({{"\\*", "*", true},
              {"\\*", "a", false},
              {"\\a", "a", true},
              {"\\\\", "\\", true},
              {"[\\]]", "]", true},
              {"[\\^a]", "^", true},
              {"[\\a-c]", "b", false},
              {"a\\", "a\\", true},
              {"a\\", "a", false}});
}

// Exponential backtracking would not end; quadratic in the text would take hours.
TEST(glob, hostile_patterns_end) {
  std::string stars;
  while (stars.size() < 254) stars += "*a";
  const std::string text(1'000'000, 'a');
  EXPECT_FALSE(glob_matches(stars + "*b", text.substr(0, 100'000)));
  EXPECT_TRUE(glob_matches(stars + "*a", text));
  EXPECT_FALSE(glob_matches("*" + std::string(200, 'a') + "b", text.substr(0, 10'000)));
  EXPECT_FALSE(
      glob_matches("*" + std::string(50, '?') + "[" + std::string(180, 'x') + "]", text.substr(0, 10'000)));
}

}  // namespace
}  // namespace ctxcache
