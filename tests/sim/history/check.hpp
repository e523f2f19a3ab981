#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "history/history.hpp"

namespace ctxcache::history {

struct violation {
  int rule = 0;      ///< V1 … V6 of HISTORY.md, by number
  std::string text;  ///< what contradicts what
};

struct verdict {
  std::vector<violation> violations;
  std::size_t qualifying_reads = 0;
};

/// Sound: only intervals that do not overlap are compared. Time: n log n in the events, but for violations.
[[nodiscard]] verdict check(const history& all);

/// "E.n", or "-".
[[nodiscard]] std::string text_of(const std::optional<position>& place);

}  // namespace ctxcache::history
