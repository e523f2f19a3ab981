#pragma once

#include <optional>

#include "config/load.hpp"

namespace ctxcache::daemon {

/// What the command line and the environment say, or the exit code after `--help`, `--version` or bad words.
struct command_line {
  config::sources from;
  std::optional<int> exit_code;
};

/// Every setting is a flag (`--l1-cache-ttl 30s`), besides `--config`, `--version` and `--help`.
[[nodiscard]] command_line read_command_line(int argc, const char* const* argv);

}  // namespace ctxcache::daemon
