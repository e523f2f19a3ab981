#pragma once

#include <string>
#include <vector>

namespace ctxcache::client {

/// A program or one of its verbs as its completion and its manual page say it.
struct command_text {
  struct option {
    std::vector<std::string> names;  ///< {"-i", "--include"}
    std::string argument;            ///< empty: none; "FILE"; "bash|zsh|fish": one of these
    std::string doc;
  };
  struct positional {
    std::string name;
    std::string argument;  ///< as above
    std::string doc;
    bool required = false;
  };
  std::string name;
  std::string doc;
  std::string examples;  ///< and what else is to be said, as it stands; may be empty
  std::vector<option> options;
  std::vector<positional> positionals;
  std::vector<command_text> verbs;
};

/// The daemon, from the table of its settings.
[[nodiscard]] command_text daemon_text();

/// The words of "a|b|c"; none for a single name.
[[nodiscard]] std::vector<std::string> choices_of(const std::string& argument);

/// A script that completes these programs.
[[nodiscard]] std::string bash_completion(const std::vector<command_text>& programs);
[[nodiscard]] std::string zsh_completion(const std::vector<command_text>& programs);
[[nodiscard]] std::string fish_completion(const std::vector<command_text>& programs);

/// A page of section 1, in roff. `extra` is roff that follows the options.
[[nodiscard]] std::string man_page(const command_text& program, const std::string& extra);

}  // namespace ctxcache::client
