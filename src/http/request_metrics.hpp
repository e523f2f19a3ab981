#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/counters.hpp"
#include "http/router.hpp"

namespace ctxcache::http {

/// How many requests of each kind were answered how, and how long they took. Safe to call from every thread.
class request_metrics {
 public:
  static constexpr std::size_t endpoints = static_cast<std::size_t>(endpoint::count);
  static constexpr std::size_t classes = 5;  ///< 1xx to 5xx

  void record(endpoint to, int status, std::chrono::nanoseconds took) noexcept {
    answered_.add(index(to, static_cast<std::size_t>(status / 100)));
    durations_[static_cast<std::size_t>(to)].record(took);
  }
  /// `status_class` is 1 to 5.
  [[nodiscard]] std::uint64_t answered(endpoint to, std::size_t status_class) const noexcept {
    return answered_.total(index(to, status_class));
  }
  [[nodiscard]] histogram::snapshot durations(endpoint to) const noexcept {
    return durations_[static_cast<std::size_t>(to)].read();
  }

 private:
  enum class series : std::size_t { count = endpoints * classes };
  [[nodiscard]] static series index(endpoint to, std::size_t status_class) noexcept {
    return static_cast<series>(static_cast<std::size_t>(to) * classes + status_class - 1);
  }

  counters<series> answered_;
  std::array<histogram, endpoints> durations_;
};

}  // namespace ctxcache::http
