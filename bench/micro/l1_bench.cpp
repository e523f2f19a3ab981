#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "l1/lru.hpp"
#include "micro/keys.hpp"
#include "micro/textbook_lru.hpp"

namespace ctxcache::bench {
namespace {

constexpr std::size_t draws = std::size_t{1} << 16;
constexpr time_point now{std::chrono::hours{1}};
constexpr time_point later{std::chrono::hours{2}};

const key_hasher& hasher() {
  static const key_hasher one;
  return one;
}

const std::vector<key>& keys() {
  static const std::vector<key> made = make_keys(cached_items);
  return made;
}

l1::lru& ours() {
  static l1::lru cache{{.items = cached_items, .bytes = std::size_t{256} << 20}};
  static const bool filled = [] {
    for (const auto& each : keys()) {
      if (!cache.put({each.view(), hasher()(each.view())}, make_value(), later, later)) return false;
    }
    return true;
  }();
  benchmark::DoNotOptimize(filled);
  return cache;
}

textbook_lru& textbook() {
  static textbook_lru cache{cached_items};
  static const bool filled = [] {
    for (const auto& each : keys()) cache.put(each.text(), make_value(), later);
    return true;
  }();
  benchmark::DoNotOptimize(filled);
  return cache;
}

/// Ends the measurement with the hits of all threads in a second, and with an error if anything was missed.
void report(benchmark::State& state, std::int64_t misses) {
  state.SetItemsProcessed(state.iterations());
  if (misses != 0) state.SkipWithError("a read missed");
}

/// From the key's text, as a request brings it.
void l1_hit(benchmark::State& state) {
  auto& cache = ours();
  const auto order = zipf_draws(keys().size(), draws, static_cast<unsigned>(state.thread_index()) + 1);
  std::int64_t misses = 0;
  std::size_t at = 0;
  for (auto _ : state) {
    const key_view wanted = keys()[order[at++ % draws]].view();
    const auto got = cache.find({wanted, hasher()(wanted)}, now);
    misses += got.value == nullptr;
  }
  report(state, misses);
}
BENCHMARK(l1_hit)->ThreadRange(1, 2)->UseRealTime();

void l1_hit_hashed_before(benchmark::State& state) {
  auto& cache = ours();
  std::vector<hashed_key> hashed;
  for (const auto& each : keys()) hashed.push_back({each.view(), hasher()(each.view())});
  const auto order = zipf_draws(keys().size(), draws, static_cast<unsigned>(state.thread_index()) + 1);
  std::int64_t misses = 0;
  std::size_t at = 0;
  for (auto _ : state) {
    const auto got = cache.find(hashed[order[at++ % draws]], now);
    misses += got.value == nullptr;
  }
  report(state, misses);
}
BENCHMARK(l1_hit_hashed_before)->ThreadRange(1, 2)->UseRealTime();

void textbook_hit(benchmark::State& state) {
  auto& cache = textbook();
  const auto order = zipf_draws(keys().size(), draws, static_cast<unsigned>(state.thread_index()) + 1);
  std::int64_t misses = 0;
  std::size_t at = 0;
  for (auto _ : state) {
    const auto got = cache.find(keys()[order[at++ % draws]].text(), now);
    misses += got == nullptr;
  }
  report(state, misses);
}
BENCHMARK(textbook_hit)->ThreadRange(1, 2)->UseRealTime();

/// Always a new key into a full cache, so that each put evicts.
void l1_put_and_evict(benchmark::State& state) {
  l1::lru cache{{.items = cached_items, .bytes = std::size_t{256} << 20}};
  const auto many = make_keys(10 * cached_items);
  const auto value = make_value();
  std::size_t at = 0;
  for (auto _ : state) {
    const key_view where = many[at++ % many.size()].view();
    benchmark::DoNotOptimize(cache.put({where, hasher()(where)}, value, later, later));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(l1_put_and_evict)->UseRealTime();

void textbook_put_and_evict(benchmark::State& state) {
  textbook_lru cache{cached_items};
  const auto many = make_keys(10 * cached_items);
  const auto value = make_value();
  std::size_t at = 0;
  for (auto _ : state) cache.put(many[at++ % many.size()].text(), value, later);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(textbook_put_and_evict)->UseRealTime();

}  // namespace
}  // namespace ctxcache::bench

int main(int count, char** arguments) {
  // While a process has had one thread only, libstdc++ counts shared_ptr references without atomics: no
  // server's case.
  std::thread{[] {}}.join();
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
