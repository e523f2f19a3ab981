#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/log_store.hpp"

namespace ctxcache::coherence {

/// Which registered members have been silent for how long, by the clock of who looks (rule 10). Sans-I/O.
class sightings {
 public:
  /// The registry as read at `now`; those whose beat has stood still in what was seen for longer than
  /// `silence`.
  [[nodiscard]] std::vector<log_store::member> silent(std::span<const log_store::member> registered,
                                                      time_point now, boot_clock::duration silence);

 private:
  struct sighting {
    std::uint64_t count;
    time_point since;
  };
  std::unordered_map<std::string, sighting> seen_;
};

}  // namespace ctxcache::coherence
