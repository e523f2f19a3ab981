// What is put before anybody asks for it, and the list of what was asked for last.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "l1/lru_test_support.hpp"

namespace ctxcache::l1 {
namespace {

using namespace std::chrono_literals;
using test::at;
using test::charge_of;
using test::key_of;
using test::value_of;

struct fixture {
  explicit fixture(limits bounds) : cache(bounds) {}

  bool put(const key& where) { return cache.put(hashed(where), value_of("{}"), at(30s), at(60s)); }
  bool put_spare(const key& where, const std::string& body = "{}") {
    return cache.put_spare(hashed(where), value_of(body), at(30s), at(60s));
  }
  entry_ptr find(const key& wanted) { return cache.find(hashed(wanted), at(0s)).value; }
  bool has(const key& wanted) { return cache.peek(hashed(wanted), at(0s)).value != nullptr; }
  hashed_key hashed(const key& one) { return {one.view(), hash(one.view())}; }

  key_hasher hash;
  lru cache;
};

constexpr limits three{.items = 3, .bytes = 1 << 20};

TEST(lru_spare, evicts_nothing) {
  fixture f{three};
  for (const auto* id : {"a", "b", "c"}) ASSERT_TRUE(f.put(key_of(id)));
  EXPECT_FALSE(f.put_spare(key_of("d")));
  EXPECT_FALSE(f.has(key_of("d")));
  EXPECT_EQ(f.cache.used().items, 3u);
  EXPECT_EQ(f.cache.used().evictions, 0u);
}

TEST(lru_spare, evicts_nothing_for_want_of_bytes_either) {
  const auto small = charge_of(key_of("a"), value_of("{}"));
  fixture f{{.items = 10, .bytes = 2 * small}};
  ASSERT_TRUE(f.put(key_of("a")));
  EXPECT_TRUE(f.put_spare(key_of("b")));
  EXPECT_FALSE(f.put_spare(key_of("c")));
  EXPECT_FALSE(f.put_spare(key_of("b"), std::string(1'000, ' ')));
  EXPECT_TRUE(f.has(key_of("a")) && f.has(key_of("b")));
}

TEST(lru_spare, goes_before_all_that_were_asked_for) {
  fixture f{three};
  ASSERT_TRUE(f.put(key_of("old")));
  ASSERT_TRUE(f.put_spare(key_of("spare")));
  ASSERT_TRUE(f.put(key_of("b")));
  ASSERT_TRUE(f.put(key_of("c")));
  EXPECT_FALSE(f.has(key_of("spare")));
  EXPECT_TRUE(f.has(key_of("old")) && f.has(key_of("b")) && f.has(key_of("c")));
}

TEST(lru_spare, is_as_good_as_any_once_asked_for) {
  fixture f{three};
  ASSERT_TRUE(f.put(key_of("old")));
  ASSERT_TRUE(f.put_spare(key_of("spare")));
  EXPECT_NE(f.find(key_of("spare")), nullptr);
  ASSERT_TRUE(f.put(key_of("b")));
  ASSERT_TRUE(f.put(key_of("c")));
  EXPECT_FALSE(f.has(key_of("old")));
  EXPECT_TRUE(f.has(key_of("spare")));
}

TEST(lru_spare, replaces_where_it_stands) {
  fixture f{three};
  ASSERT_TRUE(f.put(key_of("a")));
  ASSERT_TRUE(f.put(key_of("b")));
  ASSERT_TRUE(f.put(key_of("c")));
  EXPECT_TRUE(f.put_spare(key_of("a"), R"({"new":1})"));
  EXPECT_EQ(f.cache.peek(f.hashed(key_of("a")), at(0s)).value->body, R"({"new":1})");
  EXPECT_EQ(f.cache.used().bytes,
            charge_of(key_of("a"), value_of(R"({"new":1})")) + 2 * charge_of(key_of("b"), value_of("{}")));
  ASSERT_TRUE(f.put(key_of("d")));
  EXPECT_FALSE(f.has(key_of("a")));
}

TEST(lru_spare, is_not_kept_when_the_cache_is_off) {
  fixture f{{.items = 0, .bytes = 1 << 20}};
  EXPECT_FALSE(f.put_spare(key_of("a")));
}

TEST(lru_latest, names_what_was_used_last_first) {
  fixture f{{.items = 100, .bytes = 1 << 20}};
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(f.put(key_of("cust_" + std::to_string(i))));
  ASSERT_TRUE(f.put_spare(key_of("never")));
  static_cast<void>(f.find(key_of("cust_7")));
  expected = {key_of("cust_7").text(), key_of("cust_39").text(), key_of("cust_38").text()};
  EXPECT_EQ(f.cache.latest(3), expected);
  EXPECT_EQ(f.cache.latest(1'000).size(), 40u);
  EXPECT_TRUE(f.cache.latest(0).empty());
}

}  // namespace
}  // namespace ctxcache::l1
