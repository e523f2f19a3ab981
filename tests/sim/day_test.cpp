#include "day.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "support/child_process.hpp"
#include "trace.hpp"

namespace ctxcache::sim {
namespace {

std::string story_of(std::uint64_t seed) {
  const test::temporary_folder journals;
  const auto one = live(seed, journals.path());
  std::ostringstream text;
  print_trace(text, one.log);
  return text.str();
}

TEST(day, the_same_seed_is_the_same_day) {
  const auto first = story_of(11);
  EXPECT_GT(first.size(), 10'000u);
  EXPECT_EQ(story_of(11), first);
  EXPECT_NE(story_of(12), first);
}

}  // namespace
}  // namespace ctxcache::sim
