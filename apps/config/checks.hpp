#pragma once

#include <vector>

#include "config/load.hpp"

namespace ctxcache::config {

/// What can be said only of all values together. `origins` has one place for each of `settings()`.
void check(loaded& made, const std::vector<place>& origins);

}  // namespace ctxcache::config
