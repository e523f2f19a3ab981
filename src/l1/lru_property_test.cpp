#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "l1/lru.hpp"
#include "l1/lru_test_support.hpp"
#include "l1/slot_table.hpp"

namespace ctxcache::l1 {
namespace {

using std::chrono::seconds;
using test::at;

/// What an LRU with TTL is, as simply as it can be said.
class reference {
 public:
  explicit reference(limits bounds) : bounds_(bounds) {}

  entry_ptr find(const key& wanted, time_point now, bool touches) {
    const auto one = locate(wanted);
    if (one == uses_.end()) return nullptr;
    if (now >= one->keep_until) {
      if (touches) drop(one), ++expirations;
      return nullptr;
    }
    if (touches) uses_.splice(uses_.begin(), uses_, one);
    return one->value;
  }
  bool put(const key& where, entry_ptr value, time_point keep_until) {
    if (const auto old = locate(where); old != uses_.end()) drop(old);
    const std::size_t charge = test::charge_of(where, value);
    if (bounds_.items == 0 || charge > bounds_.bytes) return false;
    uses_.push_front({where, std::move(value), keep_until, charge});
    bytes += charge;
    shrink();
    return true;
  }
  std::size_t erase(const scope& what) {
    return drop_if([&](const held& one) { return what.covers(one.where); });
  }
  std::size_t sweep(time_point now) {
    const auto dropped = drop_if([&](const held& one) { return now >= one.keep_until; });
    expirations += dropped;
    return dropped;
  }
  void resize(limits bounds) {
    bounds_ = bounds;
    shrink();
  }
  [[nodiscard]] std::size_t items() const { return uses_.size(); }

  std::size_t bytes = 0;
  std::uint64_t evictions = 0;
  std::uint64_t expirations = 0;

 private:
  struct held {
    key where;
    entry_ptr value;
    time_point keep_until;
    std::size_t charge;
  };
  using place = std::list<held>::iterator;

  place locate(const key& wanted) {
    return std::find_if(uses_.begin(), uses_.end(), [&](const held& one) { return one.where == wanted; });
  }
  void drop(place one) {
    bytes -= one->charge;
    uses_.erase(one);
  }
  template <class Predicate>
  std::size_t drop_if(Predicate is_it) {
    std::size_t dropped = 0;
    for (auto one = uses_.begin(); one != uses_.end();) {
      const auto next = std::next(one);
      if (is_it(*one)) drop(one), ++dropped;
      one = next;
    }
    return dropped;
  }
  void shrink() {
    for (; uses_.size() > bounds_.items || bytes > bounds_.bytes; ++evictions) drop(std::prev(uses_.end()));
  }

  limits bounds_;
  std::list<held> uses_;  // most recently used first
};

key random_key() {
  const auto customer = *rc::gen::element<std::string>("a", "ab", "b", "*", std::string(60, 'l'));
  const auto agent_type = *rc::gen::element<std::string>("support", "billing");
  const auto conversation = *rc::gen::inRange(0, 4);
  if (conversation == 0) return test::key_of(customer, agent_type);
  return test::key_of(customer, agent_type, std::to_string(conversation));
}

scope random_scope() {
  const auto one = random_key();
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return scope::exactly(one);
    case 1:
      return *scope::of(one.customer_id(), one.agent_type(), std::nullopt);
    case 2:
      return *scope::of(one.customer_id(), std::nullopt, std::nullopt);
    case 3:
      return *scope::matching("context:a*");
    case 4:
      return *scope::matching("*:[1-2]");
    default:
      return scope::everything();
  }
}

limits random_limits() {
  return {.items = *rc::gen::inRange<std::size_t>(0, 30), .bytes = *rc::gen::inRange<std::size_t>(0, 12'000)};
}

TEST(lru, does_what_a_list_and_a_map_do) {
  const bool holds = rc::check([] {
    const key_hasher hash;
    const limits bounds = random_limits();
    lru cache{bounds};
    reference model{bounds};
    seconds now{0};
    const int steps = *rc::gen::inRange(1, 200);
    for (int step = 0; step < steps; ++step) {
      const auto one = random_key();
      const hashed_key hashed{one.view(), hash(one.view())};
      const int action = *rc::gen::inRange(0, 100);
      if (action < 45) {
        const auto value = test::value_of(std::string(*rc::gen::inRange<std::size_t>(0, 1'000), 'x'));
        const auto keep_until = at(now + seconds{*rc::gen::inRange(0, 60)});
        RC_ASSERT(cache.put(hashed, value, at(now), keep_until) == model.put(one, value, keep_until));
      } else if (action < 75) {
        RC_ASSERT(cache.find(hashed, at(now)).value == model.find(one, at(now), true));
      } else if (action < 80) {
        RC_ASSERT(cache.peek(hashed, at(now)).value == model.find(one, at(now), false));
      } else if (action < 90) {
        const auto what = random_scope();
        const auto covered = cache.count(what, hash);
        RC_ASSERT(covered == model.erase(what));
        RC_ASSERT(cache.erase(what, hash) == covered);
      } else if (action < 95) {
        now += seconds{*rc::gen::inRange(0, 20)};
      } else if (action < 98) {
        RC_ASSERT(cache.sweep(at(now), 10'000) == model.sweep(at(now)));
      } else {
        const auto next = random_limits();
        cache.resize(next);
        model.resize(next);
      }
      const auto used = cache.used();
      RC_ASSERT(used.items == model.items());
      RC_ASSERT(used.bytes == model.bytes);
      RC_ASSERT(used.evictions == model.evictions);
      RC_ASSERT(used.expirations == model.expirations);
    }
  });
  EXPECT_TRUE(holds);
}

TEST(slot_table, does_what_a_multimap_does) {
  const bool holds = rc::check([] {
    slot_table table;
    std::map<slot_id, std::uint32_t> tags;  // the model: each slot's tag
    for (slot_id slot = 0; slot < 100; ++slot) {
      // Few tags, so that cells collide, share a tag, and wrap around the end.
      const auto tag = *rc::gen::element<std::uint32_t>(0, 1, 14, 15, 16, 31, 0xFFFFFFFF);
      if (table.full()) table.grow();
      table.insert(tag, slot);
      tags.emplace(slot, tag);
      if (*rc::gen::inRange(0, 3) != 0) {
        const auto gone = std::next(tags.begin(), *rc::gen::inRange<int>(0, static_cast<int>(tags.size())));
        table.erase(gone->second, gone->first);
        RC_ASSERT(table.find(gone->second, [&](slot_id one) { return one == gone->first; }) == no_slot);
        tags.erase(gone);
      }
      for (const auto& [kept, of] : tags) {
        const slot_id wanted = kept;
        RC_ASSERT(table.find(of, [&](slot_id one) { return one == wanted; }) == wanted);
      }
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace ctxcache::l1
