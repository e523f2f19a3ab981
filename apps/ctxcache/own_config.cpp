#include "own_config.hpp"

#include <unistd.h>

#include <string_view>

#include "daemon.hpp"

namespace ctxcache::client {

config::loaded load_config(const std::optional<std::string>& file) {
  config::sources from{.file = file, .variables = {}, .flags = {}};
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view text{*one};
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      from.variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return config::load(from);
}

void note_problems(const config::loaded& made) {
  for (const auto& one : made.errors) note(config::to_string(one) + "\n");
  for (const auto& one : made.warnings) note("warning: " + config::to_string(one) + "\n");
}

}  // namespace ctxcache::client
