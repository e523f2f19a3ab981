#pragma once

#include <ostream>

#include "history/history.hpp"

namespace ctxcache::sim {

/// Every event of a day, in the order of their ends, in milliseconds since its first.
void print_trace(std::ostream& to, const history::history& all);

}  // namespace ctxcache::sim
