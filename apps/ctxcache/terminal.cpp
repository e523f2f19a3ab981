#include "terminal.hpp"

#include <unistd.h>

#include <cstdlib>

namespace ctxcache::client {

terminal look_at_terminal() {
  const char* plain = std::getenv("NO_COLOR");  // https://no-color.org: any value that is not empty
  terminal found{isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1};
  found.colour = found.shows && (plain == nullptr || *plain == '\0');
  return found;
}

std::string tinted(const terminal& on, tint how, std::string_view text) {
  if (!on.colour) return std::string{text};
  const auto* code = how == tint::bold ? "\x1b[1m" : how == tint::green ? "\x1b[32m" : "\x1b[31m";
  return code + std::string{text} + "\x1b[0m";
}

std::string printable(std::string_view text) {
  std::string made{text};
  for (auto& one : made) {
    const auto byte = static_cast<unsigned char>(one);
    if (byte < 0x20 || byte == 0x7f) one = '?';
  }
  return made;
}

}  // namespace ctxcache::client
