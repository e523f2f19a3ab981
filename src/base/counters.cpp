#include "base/counters.hpp"

#include <algorithm>

namespace ctxcache {

std::size_t thread_shard() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % thread_shards;
  return mine;
}

void histogram::record(std::chrono::nanoseconds took) noexcept {
  const double seconds = static_cast<double>(took.count()) * 1e-9;
  const auto* bound = std::ranges::lower_bound(bounds_seconds, seconds);
  auto& mine = shards_[thread_shard()];
  mine.buckets[static_cast<std::size_t>(bound - bounds_seconds.begin())].fetch_add(1,
                                                                                   std::memory_order_relaxed);
  mine.sum_nanoseconds.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)),
                                 std::memory_order_relaxed);
}

histogram::snapshot histogram::read() const noexcept {
  snapshot out;
  std::uint64_t nanoseconds = 0;
  for (const auto& one : shards_) {
    for (std::size_t i = 0; i < out.buckets.size(); ++i) {
      const auto n = one.buckets[i].load(std::memory_order_relaxed);
      out.buckets[i] += n;
      out.count += n;
    }
    nanoseconds += one.sum_nanoseconds.load(std::memory_order_relaxed);
  }
  out.sum_seconds = static_cast<double>(nanoseconds) * 1e-9;
  return out;
}

double duration_counts::quantile(double q) const {
  const auto wanted = static_cast<double>(count) * q;
  double seen = 0;
  double from = 0;
  for (std::size_t i = 0; i < bounds_seconds.size(); ++i) {
    const auto here = static_cast<double>(buckets[i]);
    const auto to = bounds_seconds[i];
    if (here > 0 && seen + here >= wanted) return from + (to - from) * (wanted - seen) / here;
    seen += here;
    from = to;
  }
  return count == 0 ? 0.0 : bounds_seconds.back();
}

}  // namespace ctxcache
