#pragma once

#include "command_text.hpp"
#include "exit_code.hpp"

namespace ctxcache::client {

/// Reads the arguments, does what they say, and gives what the process ends with.
[[nodiscard]] exit_code run(int argc, const char* const* argv);

/// The client as it describes itself.
[[nodiscard]] command_text client_text();

}  // namespace ctxcache::client
