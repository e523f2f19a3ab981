#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "history/check.hpp"
#include "history/history.hpp"

namespace ctxcache::sim {

/// One simulated day and what is to be said of it.
struct day {
  history::history log;
  history::verdict found;
  std::vector<std::string> after;  ///< V7: what was not as before when all faults were long over
  [[nodiscard]] bool good() const { return found.violations.empty() && after.empty(); }
};

/// Lives the day of a seed: same seed, same day. `folder` is for the journals.
[[nodiscard]] day live(std::uint64_t seed, const std::string& folder);

}  // namespace ctxcache::sim
