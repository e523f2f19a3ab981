// A configuration file: read, or refused at a place in it.
#include <algorithm>
#include <string>
#include <variant>

#include "config/toml_file.hpp"
#include "target.hpp"

namespace config = ctxcache::config;

void try_input(std::string_view bytes) {
  // Of letters beyond ASCII toml++ 3.3 asks a table that is not defined for all of them.
  if (std::ranges::any_of(bytes, [](char one) { return static_cast<unsigned char>(one) >= 0x80; })) return;
  const auto found = config::parse_toml(bytes, "input.toml");
  if (const auto* const wrong = std::get_if<config::problem>(&found)) {
    CTX_ASSERT(!wrong->message.empty());
  }
}
