#include "ctxcached/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace ctxcache::daemon {
namespace {

config::environment read_environment() {
  config::environment out;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view text{*one};
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

}  // namespace

command_line read_command_line(int argc, const char* const* argv) {
  command_line out;
  CLI::App app{
      "Serves the context of customers to AI agents, from memory, Redis and the providers behind them."};
  app.name("ctxcached");
  app.set_version_flag("--version", "ctxcached " CTX_VERSION);
  std::string file;
  auto* config_option =
      app.add_option("--config", file, "TOML file; without one the defaults are a working setup");
  config_option->type_name("FILE");

  const auto table = config::settings();
  std::vector<std::string> values(table.size());
  std::vector<CLI::Option*> options;
  for (const auto& one : table) {
    auto* option = app.add_option(config::flag_name(one), values[config::index(one)], std::string{one.doc});
    if (one.how == config::kind::truth) option->expected(0, 1);
    option->type_name("VALUE")->group("Settings");
    options.push_back(option);
  }
  app.footer(
      "Each setting is also an environment variable (CTXCACHE_L1_CACHE_TTL) and a key of the file; a flag "
      "wins\n"
      "over the environment, the environment over the file. SIGHUP reads file and environment again.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    out.exit_code = code == 0 ? 0 : 2;
    return out;
  }
  if (config_option->count() > 0) out.from.file = file;
  for (const auto& one : table) {
    const auto i = config::index(one);
    if (options[i]->count() > 0) out.from.flags.emplace_back(config::flag_name(one), values[i]);
  }
  out.from.variables = read_environment();
  return out;
}

}  // namespace ctxcache::daemon
