#pragma once

#include <istream>

#include "history/history.hpp"

namespace ctxcache::history {

/// Adds the events of a stream, one JSON object a line (HISTORY.md), to a history. Throws std::runtime_error
/// with the number of the first line that cannot be read.
[[nodiscard]] history read_lines(std::istream& from, history before = {});

}  // namespace ctxcache::history
