#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "ctxcache/config.hpp"
#include "dice.hpp"

namespace ctxcache::sim {

/// What a day is like.
struct conditions {
  cache_settings cache;
  fleet_settings fleet;
  bool replica = false;  ///< Redis has one
  std::size_t customers = 2;
  std::size_t log_max_messages = 100'000;
  std::chrono::milliseconds settle{0};      ///< the providers lag by no more
  std::string folder{};                     ///< of the journals; empty: there are none
  std::chrono::milliseconds length{6'000};  ///< with faults; quiet follows

  /// Whether nothing is lost by a failover that was acknowledged.
  [[nodiscard]] bool wait_all() const { return !replica || fleet.replicas > 0; }
};

/// `folder`: for journals.
[[nodiscard]] conditions some_conditions(dice& chance, const std::string& folder);

}  // namespace ctxcache::sim
