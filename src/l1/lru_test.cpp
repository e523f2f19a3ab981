#include "l1/lru.hpp"

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

constexpr limits roomy{.items = 1'000, .bytes = 1 << 20};

/// A cache with a clock that stands at the start, and values that live for 30 s and are kept for 60 s.
struct fixture {
  explicit fixture(limits bounds) : cache(bounds) {}

  bool put(const key& where, entry_ptr value) {
    return cache.put(hashed(where), std::move(value), at(30s), at(60s));
  }
  bool put(const key& where) { return put(where, value_of(where.text())); }
  bool has(const key& wanted) { return cache.peek(hashed(wanted), at(0s)).value != nullptr; }
  entry_ptr find(const key& wanted) { return cache.find(hashed(wanted), at(0s)).value; }
  hashed_key hashed(const key& one) { return {one.view(), hash(one.view())}; }

  key_hasher hash;
  lru cache;
};

std::vector<key> customers(int n) {
  std::vector<key> keys;
  for (int i = 0; i < n; ++i) keys.push_back(key_of("cust_" + std::to_string(i)));
  return keys;
}

TEST(lru, finds_what_was_put) {
  fixture f{roomy};
  const auto value = value_of("{}");
  ASSERT_TRUE(f.put(key_of("a"), value));
  const found got = f.cache.find(f.hashed(key_of("a")), at(0s));
  EXPECT_EQ(got.value, value);
  EXPECT_EQ(got.fresh_until, at(30s));
  EXPECT_EQ(f.find(key_of("b")), nullptr);
  EXPECT_EQ(f.find(key_of("a", "billing")), nullptr);
  EXPECT_EQ(f.find(key_of("a", "support", "conv")), nullptr);
}

TEST(lru, keeps_keys_too_long_for_a_node) {
  fixture f{roomy};
  const std::string id(id_bytes_max, '*');  // encoded, three times as long
  const auto longest = key_of(id, id, id);
  const auto other = key_of(id, id, id.substr(1));
  ASSERT_EQ(longest.text().size(), key_bytes_max);
  const auto value = value_of("{}");
  ASSERT_TRUE(f.put(longest, value));
  EXPECT_EQ(f.find(longest), value);
  EXPECT_EQ(f.find(other), nullptr);
  EXPECT_EQ(f.cache.used().bytes, charge_of(longest, value));
  EXPECT_GT(f.cache.used().bytes, value->charge() + key_bytes_max);
}

TEST(lru, tells_apart_keys_at_the_edge_of_inline_texts) {
  fixture f{roomy};
  for (std::size_t extra = 0; extra < 3; ++extra) {
    const std::size_t around = key_text::inline_bytes - key_of("x").text().size() + extra;
    const auto one = key_of(std::string(around, 'a'));
    ASSERT_TRUE(f.put(one, value_of(std::to_string(extra))));
  }
  for (std::size_t extra = 0; extra < 3; ++extra) {
    const std::size_t around = key_text::inline_bytes - key_of("x").text().size() + extra;
    const auto got = f.find(key_of(std::string(around, 'a')));
    ASSERT_NE(got, nullptr);
    EXPECT_EQ(got->body, std::to_string(extra));
  }
}

TEST(lru, replaces_a_value_and_its_charge) {
  fixture f{roomy};
  const auto next = value_of(std::string(500, 'x'));
  ASSERT_TRUE(f.put(key_of("a")));
  ASSERT_TRUE(f.put(key_of("a"), next));
  EXPECT_EQ(f.find(key_of("a")), next);
  EXPECT_EQ(f.cache.used().items, 1U);
  EXPECT_EQ(f.cache.used().bytes, charge_of(key_of("a"), next));
  EXPECT_EQ(f.cache.used().evictions, 0U);
}

TEST(lru, keeps_all_items_that_fit) {
  fixture f{{.items = 1'000, .bytes = std::size_t{1} << 30}};
  const auto keys = customers(1'000);
  for (int round = 0; round < 2; ++round) {
    for (const auto& each : keys) ASSERT_TRUE(f.put(each));
  }
  for (const auto& each : keys) EXPECT_TRUE(f.has(each)) << each.text();
  EXPECT_EQ(f.cache.used().items, 1'000U);
  EXPECT_EQ(f.cache.used().evictions, 0U);
}

TEST(lru, evicts_the_least_recently_used_of_all_shards) {
  fixture f{{.items = 100, .bytes = 1 << 20}};
  const auto keys = customers(150);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(f.put(keys[static_cast<std::size_t>(i)]));
  for (std::size_t i = 0; i < 100; i += 2) ASSERT_NE(f.find(keys[i]), nullptr);
  for (std::size_t i = 100; i < 150; ++i) {
    ASSERT_TRUE(f.put(keys[i]));
    // The untouched ones go, oldest first.
    EXPECT_FALSE(f.has(keys[2 * (i - 100) + 1]));
    EXPECT_EQ(f.cache.used().items, 100U);
    EXPECT_EQ(f.cache.used().evictions, i - 99);
  }
  for (std::size_t i = 0; i < 100; i += 2) EXPECT_TRUE(f.has(keys[i]));
}

TEST(lru, peek_touches_nothing) {
  fixture f{{.items = 2, .bytes = 1 << 20}};
  ASSERT_TRUE(f.put(key_of("a")));
  ASSERT_TRUE(f.put(key_of("b")));
  EXPECT_TRUE(f.has(key_of("a")));
  ASSERT_TRUE(f.put(key_of("c")));
  EXPECT_FALSE(f.has(key_of("a")));
  EXPECT_TRUE(f.has(key_of("b")));
}

TEST(lru, evicts_until_the_bytes_fit) {
  const auto small = value_of(std::string(100, 's'));
  const auto large = value_of(std::string(2'000, 'l'));
  const std::size_t room = 3 * charge_of(key_of("a"), small) + charge_of(key_of("d"), large) - 1;
  fixture f{{.items = 1'000, .bytes = room}};
  for (const auto* each : {"a", "b", "c"}) ASSERT_TRUE(f.put(key_of(each), small));
  EXPECT_EQ(f.cache.used().items, 3U);
  ASSERT_TRUE(f.put(key_of("d"), large));
  EXPECT_FALSE(f.has(key_of("a")));
  for (const auto* each : {"b", "c", "d"}) EXPECT_TRUE(f.has(key_of(each)));
  EXPECT_EQ(f.cache.used().bytes, 2 * charge_of(key_of("a"), small) + charge_of(key_of("d"), large));
}

TEST(lru, refuses_a_value_over_the_byte_bound_and_forgets_the_old_one) {
  const auto fits = value_of(std::string(1'000, 'x'));
  const auto too_large = value_of(std::string(1'001, 'x'));
  fixture f{{.items = 10, .bytes = charge_of(key_of("a"), fits)}};
  EXPECT_TRUE(f.put(key_of("a"), fits));
  EXPECT_FALSE(f.put(key_of("b"), too_large));
  EXPECT_TRUE(f.has(key_of("a")));
  EXPECT_FALSE(f.put(key_of("a"), too_large));
  EXPECT_FALSE(f.has(key_of("a")));
  EXPECT_EQ(f.cache.used().items, 0U);
  EXPECT_EQ(f.cache.used().bytes, 0U);
}

TEST(lru, stores_nothing_without_room_for_items) {
  fixture f{{.items = 0, .bytes = 1 << 20}};
  EXPECT_FALSE(f.put(key_of("a")));
  EXPECT_FALSE(f.has(key_of("a")));
  EXPECT_EQ(f.cache.used().items, 0U);
}

TEST(lru, returns_what_is_past_its_freshness_until_it_is_past_keeping) {
  fixture f{roomy};
  const auto key = key_of("a");
  ASSERT_TRUE(f.put(key));
  EXPECT_NE(f.cache.find(f.hashed(key), at(60s) - 1ns).value, nullptr);
  EXPECT_NE(f.cache.peek(f.hashed(key), at(60s) - 1ns).value, nullptr);
  EXPECT_EQ(f.cache.peek(f.hashed(key), at(60s)).value, nullptr);
  EXPECT_EQ(f.cache.used().items, 1U) << "peek changes nothing";
  EXPECT_EQ(f.cache.find(f.hashed(key), at(60s)).value, nullptr);
  EXPECT_EQ(f.cache.used().items, 0U);
  EXPECT_EQ(f.cache.used().expirations, 1U);
  EXPECT_EQ(f.cache.used().evictions, 0U);
}

TEST(lru, frees_a_value_that_it_drops) {
  fixture f{{.items = 1, .bytes = 1 << 20}};
  auto value = value_of("{}");
  const std::weak_ptr<const entry> watched = value;
  ASSERT_TRUE(f.put(key_of("a"), std::move(value)));
  EXPECT_FALSE(watched.expired());
  ASSERT_TRUE(f.put(key_of("b")));
  EXPECT_TRUE(watched.expired());
}

TEST(lru, sweeps_at_most_as_many_as_asked_and_goes_on) {
  fixture f{roomy};
  for (const auto& each : customers(100)) ASSERT_TRUE(f.put(each));
  ASSERT_TRUE(f.cache.put(f.hashed(key_of("stays")), value_of("{}"), at(90s), at(90s)));
  EXPECT_EQ(f.cache.sweep(at(60s) - 1ns, 1'000), 0U);
  EXPECT_EQ(f.cache.sweep(at(60s), 30), 30U);
  EXPECT_EQ(f.cache.used().items, 71U);
  EXPECT_EQ(f.cache.sweep(at(60s), 0), 0U);
  EXPECT_EQ(f.cache.sweep(at(60s), 1'000), 70U);
  EXPECT_EQ(f.cache.sweep(at(60s), 1'000), 0U);
  EXPECT_EQ(f.cache.used().items, 1U);
  EXPECT_EQ(f.cache.used().expirations, 100U);
  EXPECT_TRUE(f.has(key_of("stays")));
}

TEST(lru, erases_by_scope) {
  fixture f{roomy};
  const std::vector<key> keys = {key_of("a"),
                                 key_of("a", "support", "1"),
                                 key_of("a", "support", "2"),
                                 key_of("a", "billing"),
                                 key_of("a", "supporter"),
                                 key_of("ab"),
                                 key_of("b", "billing")};
  const auto erases = [&](const scope& what, std::size_t expected) {
    for (const auto& each : keys) ASSERT_TRUE(f.put(each));
    EXPECT_EQ(f.cache.count(what, f.hash), expected) << what.text();
    EXPECT_EQ(f.cache.used().items, keys.size()) << "counting drops nothing";
    EXPECT_EQ(f.cache.erase(what, f.hash), expected) << what.text();
    for (const auto& each : keys) EXPECT_EQ(f.has(each), !what.covers(each)) << what.text() << each.text();
    EXPECT_EQ(f.cache.erase(what, f.hash), 0U) << what.text();
  };
  erases(scope::exactly(key_of("a")), 1);
  erases(*scope::of("a", "support", "1"), 1);
  erases(*scope::of("a", "support", std::nullopt), 3);
  erases(*scope::of("a", std::nullopt, std::nullopt), 5);
  erases(*scope::of("nobody", std::nullopt, std::nullopt), 0);
  erases(*scope::matching("context:*:billing"), 2);
  erases(scope::everything(), 7);
  EXPECT_EQ(f.cache.used().bytes, 0U);
}

TEST(lru, erases_many_of_one_customer_and_leaves_the_others) {
  fixture f{{.items = 5'000, .bytes = std::size_t{1} << 30}};
  for (int i = 0; i < 2'000; ++i) {
    ASSERT_TRUE(f.put(key_of("big", i % 2 == 0 ? "support" : "billing", std::to_string(i))));
    ASSERT_TRUE(f.put(key_of("c" + std::to_string(i))));
  }
  EXPECT_EQ(f.cache.erase(*scope::of("big", "billing", std::nullopt), f.hash), 1'000U);
  EXPECT_EQ(f.cache.erase(*scope::of("big", std::nullopt, std::nullopt), f.hash), 1'000U);
  EXPECT_EQ(f.cache.count(scope::everything(), f.hash), 2'000U);
}

TEST(lru, evicts_down_when_resized) {
  fixture f{roomy};
  const auto keys = customers(100);
  for (const auto& each : keys) ASSERT_TRUE(f.put(each));
  f.cache.resize({.items = 10, .bytes = roomy.bytes});
  EXPECT_EQ(f.cache.used().items, 10U);
  EXPECT_EQ(f.cache.bounds().items, 10U);
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(f.has(keys[i]), i >= 90);
  f.cache.resize({.items = 10, .bytes = f.cache.used().bytes - 1});
  EXPECT_EQ(f.cache.used().items, 9U);
  f.cache.resize({.items = 0, .bytes = roomy.bytes});
  EXPECT_EQ(f.cache.used().items, 0U);
  EXPECT_EQ(f.cache.used().evictions, 100U);
  f.cache.resize(roomy);
  EXPECT_TRUE(f.put(keys[0]));
}

}  // namespace
}  // namespace ctxcache::l1
