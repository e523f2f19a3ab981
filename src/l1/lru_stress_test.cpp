#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "l1/lru.hpp"
#include "l1/lru_test_support.hpp"

namespace ctxcache::l1 {
namespace {

using std::chrono::seconds;
using test::at;
using test::key_of;
using test::value_of;

constexpr std::size_t threads = 4;

/// Runs `work(i)` in `threads` threads and waits for their ends.
template <class Work>
void in_threads(Work work) {
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < threads; ++i) running.emplace_back(work, i);
  for (auto& each : running) each.join();
}

TEST(lru, keeps_its_bounds_under_many_threads) {
  const key_hasher hash;
  constexpr limits bounds{.items = 100, .bytes = 60'000};
  lru cache{bounds};
  std::vector<key> keys;
  for (int i = 0; i < 200; ++i)
    keys.push_back(key_of("c" + std::to_string(i / 4), "support", std::to_string(i)));
  const auto customer = *scope::of("c7", std::nullopt, std::nullopt);
  const auto pattern = *scope::matching("context:c1*");
  std::atomic<std::size_t> wrong{0};

  in_threads([&](std::size_t seed) {
    std::minstd_rand random{static_cast<unsigned>(seed + 1)};
    for (int step = 0; step < 20'000; ++step) {
      const auto& one = keys[random() % keys.size()];
      const hashed_key hashed{one.view(), hash(one.view())};
      const auto now = at(seconds{step / 1'000});
      const auto action = random() % 100;
      if (action < 40) {
        std::ignore = cache.put(hashed, value_of(one.text() + std::string(random() % 800, ' ')), now,
                                now + seconds{random() % 5});
      } else if (action < 95) {
        const auto got = cache.find(hashed, now).value;
        if (got && !got->body.starts_with(one.text())) ++wrong;
      } else if (action < 97) {
        std::ignore = cache.erase(customer, hash);
      } else if (action < 98) {
        std::ignore = cache.erase(pattern, hash);
      } else if (action < 99) {
        std::ignore = cache.sweep(now, 10);
      } else {
        cache.resize({.items = 50 + random() % 51, .bytes = bounds.bytes});
      }
    }
  });

  EXPECT_EQ(wrong, 0U) << "a key's value is never another's";
  const auto used = cache.used();
  EXPECT_LE(used.items, cache.bounds().items);
  EXPECT_LE(used.bytes, bounds.bytes);
  EXPECT_EQ(cache.count(scope::everything(), hash), used.items);
  EXPECT_EQ(cache.erase(scope::everything(), hash), used.items);
  EXPECT_EQ(cache.used().items, 0U);
  EXPECT_EQ(cache.used().bytes, 0U) << "what was charged is given back";
}

TEST(lru, keeps_all_that_fit_while_threads_put_them_again) {
  const key_hasher hash;
  std::vector<key> keys;
  for (int i = 0; i < 100; ++i) keys.push_back(key_of("c" + std::to_string(i)));
  lru cache{{.items = keys.size(), .bytes = 1 << 20}};
  in_threads([&](std::size_t first) {
    for (std::size_t i = 0; i < 20 * keys.size(); ++i) {
      const auto& one = keys[(first * 25 + i) % keys.size()];
      std::ignore = cache.put({one.view(), hash(one.view())}, value_of("{}"), at(seconds{1}), at(seconds{1}));
    }
  });
  EXPECT_EQ(cache.used().items, keys.size());
  EXPECT_EQ(cache.used().evictions, 0U);
}

TEST(lru, evicts_no_more_than_it_must_under_many_threads) {
  const key_hasher hash;
  lru cache{{.items = 50, .bytes = 1 << 20}};
  constexpr std::size_t each = 2'000;
  in_threads([&](std::size_t thread) {
    for (std::size_t i = 0; i < each; ++i) {
      const auto one = key_of("c" + std::to_string(thread) + "_" + std::to_string(i));
      std::ignore = cache.put({one.view(), hash(one.view())}, value_of("{}"), at(seconds{1}), at(seconds{1}));
    }
  });
  EXPECT_EQ(cache.used().items, 50U);
  EXPECT_EQ(cache.used().evictions, threads * each - 50);
}

}  // namespace
}  // namespace ctxcache::l1
