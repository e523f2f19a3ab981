// What the licence and rule 3 cost an L1 hit: the same reads with and without them, by turns in one run.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "coherence/validity.hpp"
#include "l1/lru.hpp"
#include "micro/keys.hpp"

namespace ctxcache::bench {
namespace {

constexpr std::size_t turn = 4'096;  // hits
constexpr std::size_t draws = std::size_t{1} << 16;
constexpr std::uint64_t invalidated = 100'000;  // scopes that the table knows
constexpr time_point now{std::chrono::hours{1}};
constexpr time_point later{std::chrono::hours{2}};

enum class rule { skipped, checked };

class cache {
 public:
  cache() {
    table_.license(later);
    for (std::uint64_t n = 1; n <= invalidated; ++n) {
      table_.raise(*scope::of("gone_" + std::to_string(n), std::nullopt, std::nullopt), hash_, n);
      table_.advance(n);
    }
    for (const auto& each : keys_) {
      const auto value = make_value();
      value->stamp = table_.current();
      values_.push_back(value);
      full_ = full_ && lru_.put({each.view(), hash_(each.view())}, value, later, later);
    }
  }

  [[nodiscard]] bool full() const { return full_; }
  /// So that the next hit of each entry looks the table up again, as after an invalidation.
  void forget_looks() {
    for (const auto& one : values_) one->checked_at.store(0, std::memory_order_relaxed);
  }

  template <rule How>
  [[nodiscard]] bool hit(std::uint32_t which) noexcept {
    const key_view wanted = keys_[which].view();
    const hashed_key where{wanted, hash_(wanted)};
    const auto [value, fresh_until] = lru_.find(where, now);
    if (!value || fresh_until <= now) return false;
    if constexpr (How == rule::checked) {
      if (!table_.serves(where, *value, now)) return false;
    }
    benchmark::DoNotOptimize(value.get());
    return true;
  }

 private:
  const key_hasher hash_;
  const std::vector<key> keys_ = make_keys(cached_items);
  coherence::validity table_{{.epoch = 1, .sequence = 0}, {}};
  l1::lru lru_{{.items = cached_items, .bytes = std::size_t{256} << 20}};
  std::vector<std::shared_ptr<entry>> values_;
  bool full_ = true;
};

struct measured {
  std::chrono::nanoseconds took{0};
  std::size_t hits = 0;
  std::size_t misses = 0;

  [[nodiscard]] double each() const {
    return static_cast<double>(took.count()) / static_cast<double>(std::max<std::size_t>(hits, 1));
  }
};

/// What the thread has used of its core: others may use it meanwhile.
std::chrono::nanoseconds thread_time() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

template <rule How, class Order>
void take_turn(cache& of, const Order& order, std::size_t hits, measured& sum) {
  const auto began = thread_time();
  for (std::size_t i = 0; i < hits; ++i) sum.misses += of.hit<How>(order(i)) ? 0 : 1;
  sum.took += thread_time() - began;
  sum.hits += hits;
}

void report(benchmark::State& state, const cache& of, const measured& without, const measured& with) {
  if (!of.full() || without.misses + with.misses != 0) state.SkipWithError("a read missed");
  state.counters["without_ns"] = without.each();
  state.counters["with_ns"] = with.each();
  state.counters["ratio"] = with.each() / without.each();
}

/// One turn with and one without; who comes second finds the caches warm, so that changes.
template <class Order, class Prepare>
void take_turns(bool with_first, cache& of, std::size_t hits, const Order& order, const Prepare& prepare,
                measured& without, measured& with) {
  prepare();
  if (with_first) take_turn<rule::checked>(of, order, hits, with);
  prepare();
  take_turn<rule::skipped>(of, order, hits, without);
  if (with_first) return;
  prepare();
  take_turn<rule::checked>(of, order, hits, with);
}

/// Nothing is invalidated between two hits of an entry, which is what nearly all hits see.
void rule_cost_of_a_hit(benchmark::State& state) {
  cache of;
  const auto drawn = zipf_draws(cached_items, draws, 1);
  measured without;
  measured with;
  std::size_t at = 0;
  for (auto _ : state) {
    const auto order = [&](std::size_t i) { return drawn[(at + i) % draws]; };
    take_turns((at / turn) % 2 == 0, of, turn, order, [] {}, without, with);
    at += turn;
  }
  report(state, of, without, with);
}
BENCHMARK(rule_cost_of_a_hit);

/// Something was invalidated since the last hit of each entry: the table is looked up.
void rule_cost_of_a_hit_after_an_invalidation(benchmark::State& state) {
  cache of;
  const auto order = [](std::size_t i) { return static_cast<std::uint32_t>(i); };
  measured without;
  measured with;
  bool with_first = false;
  for (auto _ : state) {
    with_first = !with_first;
    take_turns(
        with_first, of, cached_items, order, [&] { of.forget_looks(); }, without, with);
  }
  report(state, of, without, with);
}
BENCHMARK(rule_cost_of_a_hit_after_an_invalidation);

}  // namespace
}  // namespace ctxcache::bench
