// Who may be served when: licences, own loads, pending scopes.
#include <chrono>
#include <vector>

#include "coherence/validity_test_support.hpp"
#include "support/manual_clock.hpp"

namespace ctxcache::coherence {
namespace {

using serving = validity_of;

TEST_F(serving, nothing_is_served_without_a_licence) {
  test::manual_clock time;
  entry value;
  value.stamp = table.current();
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now()));
  table.license(time.now() + std::chrono::seconds{2});
  EXPECT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
  time.advance(std::chrono::seconds{2});
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now(), true))
      << "strict: to the end of the licence";
  EXPECT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
  time.advance(std::chrono::seconds{10});
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now())) << "to the end of the grace";
}

TEST_F(serving, without_a_licence_only_what_was_loaded_here_lately_is_served) {
  test::manual_clock time;
  table.license(time.now());
  time.advance(std::chrono::seconds{10});
  entry value;
  value.stamp = table.current();
  value.own = true;
  value.loaded_at = time.now();
  time.advance(std::chrono::seconds{9});
  EXPECT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now(), true));
  value.load_duration = std::chrono::seconds{1};
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now())) << "its age counts from its beginning";
  value.load_duration = {};
  time.advance(std::chrono::seconds{1});
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now()));
  value.loaded_at = time.now();
  invalidate(scope::of("cust_1", std::nullopt, std::nullopt), 11);
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now())) << "rule 3 holds without a licence too";
}

TEST_F(serving, own_loads_end_and_do_not_begin_before_a_first_licence) {
  test::manual_clock time;
  entry value;
  value.stamp = table.current();
  value.own = true;
  value.loaded_at = time.now();
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now()));
  table.license(time.now());
  time.advance(std::chrono::seconds{60} - std::chrono::nanoseconds{1});
  value.loaded_at = time.now();
  EXPECT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
  time.advance(std::chrono::nanoseconds{1});
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now()));
}

TEST_F(serving, many_pending_scopes_count_as_all) {
  test::manual_clock time;
  table.license(time_point::max());
  entry value;
  value.stamp = table.current();
  std::vector<std::uint64_t> marks;
  for (std::size_t i = 0; i <= validity::pending_searched_max; ++i) {
    EXPECT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
    marks.push_back(table.mark_pending(*scope::of("cust_2", std::nullopt, std::nullopt), time.now()));
  }
  EXPECT_FALSE(table.serves({plain, hash(plain)}, value, time.now()));
  table.settle(marks.front());
  EXPECT_TRUE(table.serves({plain, hash(plain)}, value, time.now()));
}

TEST_F(serving, knows_the_youngest_pending_scope_of_a_key) {
  const auto at = [](int second) { return time_point{std::chrono::seconds{second}}; };
  EXPECT_EQ(table.pending_since(plain), std::nullopt);
  const auto young = table.mark_pending(*scope::of("cust_1", "support", std::nullopt), at(9));
  static_cast<void>(table.mark_pending(*scope::of("cust_1", std::nullopt, std::nullopt), at(5)));
  EXPECT_EQ(table.pending_since(plain), at(9));
  EXPECT_EQ(table.pending_since(billing), at(5));
  EXPECT_EQ(table.pending_since(stranger), std::nullopt);
  table.settle(young);
  EXPECT_EQ(table.pending_since(plain), at(5));
}

TEST_F(serving, a_pending_scope_forbids_what_was_not_begun_to_load_after_it) {
  test::manual_clock time;
  table.license(time_point::max());
  entry value;
  value.stamp = table.current();
  value.own = true;
  value.loaded_at = time.now();
  const auto mark = table.mark_pending(*scope::of("cust_1", "support", std::nullopt), time.now());
  EXPECT_TRUE(table.serves({talk, hash(talk)}, value, time.now())) << "begun at that moment";
  value.load_duration = std::chrono::nanoseconds{1};
  EXPECT_FALSE(table.serves({talk, hash(talk)}, value, time.now()));
  EXPECT_TRUE(table.serves({billing, hash(billing)}, value, time.now()));
  value.load_duration = {};
  value.own = false;
  EXPECT_FALSE(table.serves({talk, hash(talk)}, value, time.now())) << "from L2: nobody knows";
  table.settle(mark);
  EXPECT_TRUE(table.serves({talk, hash(talk)}, value, time.now()));
}

}  // namespace
}  // namespace ctxcache::coherence
