#pragma once

#include <optional>
#include <string>

#include "config/load.hpp"

namespace ctxcache::client {

/// A configuration as the daemon would read it, started from this shell without flags.
[[nodiscard]] config::loaded load_config(const std::optional<std::string>& file);

/// Prints what is wrong with it on stderr.
void note_problems(const config::loaded& made);

}  // namespace ctxcache::client
