#include "coherence/scope_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <map>
#include <thread>
#include <utility>
#include <vector>

namespace ctxcache::coherence {
namespace {

TEST(scope_table, knows_the_newest_of_each_scope_in_a_bucket) {
  scope_table table{1};
  EXPECT_EQ(table.newest(5), 0u);
  table.raise(5, 10);
  table.raise(6, 11);
  table.raise(7, 12);
  table.raise(5, 13);
  EXPECT_EQ(table.newest(5), 13u);
  EXPECT_EQ(table.newest(6), 11u);
  EXPECT_EQ(table.newest(7), 12u);
  EXPECT_EQ(table.newest(8), 0u);
}

TEST(scope_table, forgets_the_oldest_of_a_full_bucket_to_the_cost_of_its_neighbours) {
  scope_table table{1};
  for (std::uint64_t n = 1; n <= 4; ++n) table.raise(n, 10 + n);
  EXPECT_EQ(table.newest(1), 11u) << "forgotten, but never below its number";
  EXPECT_EQ(table.newest(2), 12u);
  EXPECT_EQ(table.newest(99), 11u) << "a neighbour pays";
}

TEST(scope_table, tells_a_scopes_own_number_from_what_its_bucket_has_forgotten) {
  scope_table table{1};
  for (std::uint64_t n = 1; n <= 4; ++n) table.raise(n, 10 + n);
  EXPECT_EQ(table.known(1), 0u) << "forgotten";
  EXPECT_EQ(table.known(2), 12u);
  EXPECT_EQ(table.known(99), 0u) << "never raised, whatever newest() says";
}

TEST(scope_table, a_number_never_falls) {
  scope_table table{1};
  table.raise(5, 10);
  table.raise(5, 9);
  EXPECT_EQ(table.newest(5), 10u);
}

TEST(scope_table, clear_forgets_everything) {
  scope_table table{2};
  for (std::uint64_t n = 1; n <= 20; ++n) table.raise(n, n);
  table.clear();
  for (std::uint64_t n = 1; n <= 20; ++n) EXPECT_EQ(table.newest(n), 0u);
}

TEST(scope_table, never_answers_below_the_truth) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& raises) {
    scope_table table{4};
    std::map<std::uint64_t, std::uint64_t> truth;
    for (const auto& [scope, number] : raises) {
      table.raise(scope, number + 1u);
      truth[scope] = std::max<std::uint64_t>(truth[scope], number + 1u);
    }
    for (const auto& [scope, number] : truth) RC_ASSERT(table.newest(scope) >= number);
  }));
}

TEST(scope_table, never_answers_below_what_was_raised_before_while_others_come_and_go) {
  scope_table table{1};
  std::atomic<std::uint64_t> raised{0};
  std::atomic<bool> below{false};
  std::thread reader{[&] {
    while (raised.load() < 20'000) {
      const auto before = raised.load();
      if (table.newest(1) < before) below = true;
    }
  }};
  for (std::uint64_t n = 1; n <= 20'000; ++n) {
    table.raise(1, n);
    raised.store(n);
    for (std::uint64_t other = 2; other <= 5; ++other) table.raise(other, n);
  }
  reader.join();
  EXPECT_FALSE(below);
}

}  // namespace
}  // namespace ctxcache::coherence
