#include "coherence/sightings.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace ctxcache::coherence {
namespace {

using namespace std::chrono_literals;

class sightings_of : public testing::Test {
 protected:
  /// The ids of those who are silent, of members "a", "b", … with these counts.
  std::vector<std::string> silent(const std::vector<std::uint64_t>& counts) {
    std::vector<log_store::member> registered;
    for (const auto count : counts) {
      const auto id = std::string(1, static_cast<char>('a' + registered.size()));
      registered.push_back({.id = id, .applied = 0, .count = count});
    }
    std::vector<std::string> found;
    for (const auto& one : seen.silent(registered, now, 10s)) found.push_back(one.id);
    return found;
  }

  using ids = std::vector<std::string>;
  sightings seen;
  time_point now{1h};
};

TEST_F(sightings_of, name_who_has_stood_still_for_longer_than_that) {
  EXPECT_EQ(silent({1, 1}), ids{});
  now += 6s;
  EXPECT_EQ(silent({1, 2}), ids{}) << "b has moved";
  now += 4s;
  EXPECT_EQ(silent({1, 2}), ids{});
  now += 1ns;
  EXPECT_EQ(silent({1, 2}), ids{"a"});
  now += 6s;
  EXPECT_EQ(silent({1, 2}), (ids{"a", "b"}));
  EXPECT_EQ(silent({3, 2}), ids{"b"}) << "a moves again";
}

TEST_F(sightings_of, forget_who_is_gone) {
  EXPECT_EQ(silent({1}), ids{});
  now += 11s;
  EXPECT_EQ(silent({}), ids{});
  EXPECT_EQ(silent({1}), ids{}) << "seen for the first time again";
}

}  // namespace
}  // namespace ctxcache::coherence
