#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>

#include "ctxcache/clock.hpp"

namespace ctxcache::sim {

/// Chance, from a seed.
class dice {
 public:
  explicit dice(std::uint64_t seed) : random_(seed) {}

  /// 0 … n-1.
  [[nodiscard]] std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  /// In so many of a hundred times.
  [[nodiscard]] bool percent(unsigned of_100) { return random_() % 100 < of_100; }
  [[nodiscard]] boot_clock::duration between(boot_clock::duration low, boot_clock::duration high) {
    const auto width = static_cast<std::uint64_t>((high - low).count()) + 1;
    return low + boot_clock::duration{static_cast<boot_clock::rep>(random_() % width)};
  }
  /// Mostly short, now and then much longer: by the power of ten.
  [[nodiscard]] boot_clock::duration skewed(boot_clock::duration low, boot_clock::duration high) {
    const auto some = between(low, high);
    return percent(90) ? low + (some - low) / 10 : some;
  }
  template <class Container>
  [[nodiscard]] auto& one_of(Container& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace ctxcache::sim
