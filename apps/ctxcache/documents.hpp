#pragma once

#include <string>

#include "exit_code.hpp"

namespace ctxcache::client {

/// Prints the completion script of "bash", "zsh" or "fish" for the client and the daemon.
[[nodiscard]] exit_code print_completion(const std::string& shell);
/// Prints the manual page of "ctxcache" or "ctxcached".
[[nodiscard]] exit_code print_man_page(const std::string& program);

}  // namespace ctxcache::client
