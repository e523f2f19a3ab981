#pragma once

#include <atomic>
#include <cstdint>

namespace ctxcache::warming {

/// `warming_totals` as they are counted, on one thread, and read, from any.
struct tally {
  std::atomic<std::uint64_t> running{0};
  std::atomic<std::uint64_t> loaded{0};
  std::atomic<std::uint64_t> already_warm{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> hit_later{0};
};

}  // namespace ctxcache::warming
