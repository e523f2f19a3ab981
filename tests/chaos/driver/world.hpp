#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>

#include "history.hpp"

namespace ctxcache::chaos {

/// A place in the fleet: one daemon after another may fill it.
struct slot {
  std::uint16_t port = 0;
  std::string process;  ///< this start of the daemon
  bool up = false;      ///< may be asked

  // Reads answered since they were last reported.
  std::uint64_t good = 0;     ///< 2xx
  std::uint64_t refused = 0;  ///< any other status
  std::uint64_t broken = 0;   ///< no answer
  std::uint64_t hits = 0;     ///< from a tier
};

/// Invalidations since they were last reported, by what became of them.
struct outcomes {
  std::uint64_t plain = 0;
  std::uint64_t confirmed = 0;
  std::uint64_t unconfirmed = 0;
  std::uint64_t queued = 0;
  std::uint64_t refused = 0;
  std::uint64_t broken = 0;
  std::uint64_t puts = 0;
};

/// What the load, the provider and the recorder share. Belongs to one event loop.
struct world {
  static constexpr std::size_t fleet_size = 3;

  std::array<slot, fleet_size> slots;
  outcomes done;
  std::map<std::string, std::int64_t> versions;  ///< the truth: each customer's committed version
  history recorded;
  std::map<unsigned, std::uint64_t> statuses;  ///< of reads that are not 2xx
  std::mt19937_64 random;

  /// A whole number in [0, end).
  [[nodiscard]] std::uint64_t below(std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>{0, end - 1}(random);
  }
  [[nodiscard]] bool chance(std::uint64_t percent) { return below(100) < percent; }
};

}  // namespace ctxcache::chaos
