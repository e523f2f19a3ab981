#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ctxcache {

/// The shard of the calling thread: threads get different ones until there are more threads than shards.
[[nodiscard]] std::size_t thread_shard() noexcept;
inline constexpr std::size_t thread_shards = 16;

/// A set of counters that threads raise without sharing a cache line. `Index` is an enum whose last value is
/// `count`.
template <class Index>
class counters {
 public:
  void add(Index which, std::uint64_t n = 1) noexcept {
    shards_[thread_shard()].of[static_cast<std::size_t>(which)].fetch_add(n, std::memory_order_relaxed);
  }
  /// The sum over all threads; one that is being raised may or may not be in it.
  [[nodiscard]] std::uint64_t total(Index which) const noexcept {
    std::uint64_t sum = 0;
    for (const auto& one : shards_)
      sum += one.of[static_cast<std::size_t>(which)].load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) shard {
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Index::count)> of{};
  };
  std::array<shard, thread_shards> shards_{};
};

/// How long things took, in the buckets of `/metrics`: upper bounds from 50 µs to 10 s, then the rest.
class histogram {
 public:
  static constexpr std::array<double, 16> bounds_seconds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                                         0.005,   0.01,   0.025,   0.05,   0.1,   0.25,
                                                         0.5,     1.0,    2.5,     10.0};

  void record(std::chrono::nanoseconds took) noexcept;

  struct snapshot {
    std::array<std::uint64_t, bounds_seconds.size() + 1> buckets{};  ///< not cumulative
    std::uint64_t count = 0;
    double sum_seconds = 0;
    /// The upper bound of the bucket in which the quantile (0 to 1) lies; 0 when nothing was recorded.
    [[nodiscard]] double quantile(double q) const;
  };
  [[nodiscard]] snapshot read() const noexcept;

 private:
  struct alignas(64) shard {
    std::array<std::atomic<std::uint64_t>, bounds_seconds.size() + 1> buckets{};
    std::atomic<std::uint64_t> sum_nanoseconds{0};
  };
  std::array<shard, thread_shards> shards_{};
};

}  // namespace ctxcache
