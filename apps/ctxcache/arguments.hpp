#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "install_triggers.hpp"
#include "verbs.hpp"

namespace ctxcache::client {

/// What the verbs' options are read into; lives as long as the parser.
struct arguments {
  std::string url = "http://localhost:8000";
  std::string timeout = "30s";
  daemon whom;
  get_options get;
  put_options put;
  top_options top;
  invalidate_options invalidate;
  key_options explain;
  invalidations_options invalidations;
  events_options events;
  replay_options replay;
  warm_options warm;
  std::string job;
  install_triggers_options triggers;
  config_options config;
  std::string shell;
  std::string program = "ctxcache";
  std::function<exit_code()> chosen;
};

/// An option or a positional with a text. Not CLI11's own optionals: to those an empty text is an absent one,
/// and an absent id widens a scope.
CLI::Option* add_optional(CLI::App& verb, const std::string& name, std::optional<std::string>& target,
                          const std::string& doc);
/// An option with texts between commas.
CLI::Option* add_list(CLI::App& verb, const std::string& name, std::vector<std::string>& target,
                      const std::string& doc);
/// A verb that does this when it is the one that is chosen, and not a verb below it.
CLI::App& add_verb(CLI::App& to, arguments& into, const std::string& name, const std::string& doc,
                   std::function<exit_code()> action);

/// `warm` and `events`, which have verbs of their own, and `install-triggers`.
void add_warm_verbs(CLI::App& app, arguments& into);
void add_event_verbs(CLI::App& app, arguments& into);
void add_trigger_verb(CLI::App& app, arguments& into);

}  // namespace ctxcache::client
