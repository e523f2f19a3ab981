#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "ctxcache/stats.hpp"

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

/// How long things took, counted in the buckets of `/metrics`. Safe to call from every thread.
class histogram {
 public:
  using snapshot = duration_counts;
  static constexpr auto& bounds_seconds = duration_counts::bounds_seconds;

  void record(std::chrono::nanoseconds took) noexcept;
  [[nodiscard]] snapshot read() const noexcept;

 private:
  struct alignas(64) shard {
    std::array<std::atomic<std::uint64_t>, bounds_seconds.size() + 1> buckets{};
    std::atomic<std::uint64_t> sum_nanoseconds{0};
  };
  std::array<shard, thread_shards> shards_{};
};

}  // namespace ctxcache
