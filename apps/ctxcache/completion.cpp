// Completion scripts for shells. Ids are known to nobody here: only verbs, options, their words and files
// complete.
#include <algorithm>

#include "command_text.hpp"

namespace ctxcache::client {
namespace {

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string made;
  for (const auto& one : words) made += (made.empty() ? "" : between) + one;
  return made;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<std::string> words_of(const command_text& command) {
  std::vector<std::string> made;
  for (const auto& verb : command.verbs) made.push_back(verb.name);
  for (const auto& option : command.options)
    made.insert(made.end(), option.names.begin(), option.names.end());
  for (const auto& one : command.positionals) {
    for (auto& word : choices_of(one.argument)) made.push_back(std::move(word));
  }
  return made;
}

bool takes_file(const command_text& command) {
  return std::any_of(command.positionals.begin(), command.positionals.end(),
                     [](const auto& one) { return one.argument == "FILE"; });
}

// A verb also takes the options of what it is a verb of; its own, such as --help, come first.
command_text with_options_of(command_text verb, const command_text& program) {
  const auto own = verb.options;
  for (const auto& one : program.options) {
    const bool known =
        std::any_of(own.begin(), own.end(), [&](const auto& other) { return other.names == one.names; });
    if (!known) verb.options.push_back(one);
  }
  return verb;
}

// The leaves and branches as "config show", each with all options it takes.
std::vector<std::pair<std::string, command_text>> paths(const command_text& command,
                                                        const std::string& prefix) {
  std::vector<std::pair<std::string, command_text>> made{{prefix, command}};
  for (const auto& verb : command.verbs) {
    const auto below =
        paths(with_options_of(verb, command), prefix.empty() ? verb.name : prefix + " " + verb.name);
    made.insert(made.end(), below.begin(), below.end());
  }
  return made;
}

std::string bash_function(const command_text& program) {
  std::string verbs;
  std::string arguments;
  for (const auto& [path, command] : paths(program, "")) {
    verbs += "    \"" + path + "\") words=\"" + joined(words_of(command), " ") + "\"" +
             (takes_file(command) ? "; files=1" : "") + " ;;\n";
    for (const auto& option : command.options) {
      const auto action = option.argument == "FILE" ? "COMPREPLY=($(compgen -f -- \"$word\")); return"
                          : option.argument.empty()
                              ? std::string{}
                              : "COMPREPLY=($(compgen -W \"" + joined(choices_of(option.argument), " ") +
                                    "\" -- \"$word\")); return";
      if (action.empty()) continue;
      const auto line = "    " + joined(option.names, "|") + ") " + action + " ;;\n";
      if (arguments.find(line) == std::string::npos) arguments += line;
    }
  }
  std::string known;
  for (const auto& [path, command] : paths(program, "")) known += path.empty() ? "" : "|\"" + path + "\"";
  return "_" + program.name + "() {\n" +
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
         "  local path=\"\" words=\"\" files=\"\" i one\n"
         "  if [[ $word == \"=\" ]]; then word=\"\"\n"
         "  elif [[ $before == \"=\" ]]; then before=\"${COMP_WORDS[COMP_CWORD-2]}\"; fi\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    one=\"${path:+$path }${COMP_WORDS[i]}\"\n"
         "    case \"$one\" in\n    \"\"" +
         known +
         ") path=\"$one\" ;;\n    esac\n  done\n"
         "  case \"$before\" in\n" +
         arguments +
         "  esac\n"
         "  case \"$path\" in\n" +
         verbs +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  if [[ -n $files ]]; then COMPREPLY+=($(compgen -f -- \"$word\")); fi\n"
         "}\n"
         "complete -F _" +
         program.name + " " + program.name + "\n";
}

std::string zsh_quoted(const std::string& text) {
  return replaced(replaced(replaced(replaced(text, "'", "'\\''"), "[", "\\["), "]", "\\]"), ":", "\\:");
}

std::string zsh_action(const std::string& argument) {
  if (argument == "FILE") return "_files";
  const auto words = choices_of(argument);
  return words.empty() ? " " : "(" + joined(words, " ") + ")";
}

std::string zsh_arguments(const command_text& command) {
  std::string made;
  for (const auto& option : command.options) {
    for (const auto& name : option.names) {
      const bool may_join = !option.argument.empty() && name.starts_with("--");
      made += " \\\n    '" + name + (may_join ? "=" : "") + "[" + zsh_quoted(option.doc) + "]" +
              (option.argument.empty() ? "" : ":value:" + zsh_action(option.argument)) + "'";
    }
  }
  for (const auto& one : command.positionals) {
    made += " \\\n    '" + std::string{one.required ? "" : ":"} + ":" + zsh_quoted(one.name) + ":" +
            zsh_action(one.argument) + "'";
  }
  return made;
}

void add_zsh_functions(const command_text& command, const std::string& name, std::string& out) {
  out += name + "() {\n  local state line\n  _arguments -C" + zsh_arguments(command);
  if (command.verbs.empty()) {
    out += "\n}\n";
    return;
  }
  out += " \\\n    '1: :->verb' '*:: :->rest'\n  case $state in\n  verb)\n    local -a verbs=(";
  for (const auto& verb : command.verbs) out += "\n      '" + verb.name + ":" + zsh_quoted(verb.doc) + "'";
  out += ")\n    _describe verb verbs ;;\n  rest)\n    case $line[1] in\n";
  for (const auto& verb : command.verbs) out += "    " + verb.name + ") " + name + "_" + verb.name + " ;;\n";
  out += "    esac ;;\n  esac\n}\n";
  for (const auto& verb : command.verbs) {
    add_zsh_functions(with_options_of(verb, command), name + "_" + verb.name, out);
  }
}

std::string fish_line(const std::string& program, const std::string& condition, const std::string& rest,
                      const std::string& doc) {
  const auto quoted = replaced(replaced(doc, "\\", "\\\\"), "'", "\\'");
  return "complete -c " + program + (condition.empty() ? "" : " -n '" + condition + "'") + rest + " -d '" +
         quoted + "'\n";
}

std::string fish_values(const std::string& argument) {
  if (argument.empty()) return "";
  if (argument == "FILE") return " -r -F";
  const auto words = choices_of(argument);
  return words.empty() ? " -x" : " -x -a '" + joined(words, " ") + "'";
}

void add_fish_lines(const command_text& command, const std::string& program, const std::string& seen,
                    std::string& out) {
  for (const auto& option : command.options) {
    std::string names;
    for (const auto& name : option.names) {
      names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    out += fish_line(program, seen, names + fish_values(option.argument), option.doc);
  }
  for (const auto& one : command.positionals) {
    const auto values = one.argument == "FILE" ? " -F" : fish_values(one.argument);
    if (one.argument == "FILE" || !choices_of(one.argument).empty())
      out += fish_line(program, seen, values, one.doc);
  }
  std::vector<std::string> names;
  for (const auto& verb : command.verbs) names.push_back(verb.name);
  const std::string here =
      (seen.empty() ? "" : seen + "; and ") + "not __fish_seen_subcommand_from " + joined(names, " ");
  for (const auto& verb : command.verbs) {
    out += fish_line(program, here, " -a " + verb.name, verb.doc);
    add_fish_lines(verb, program,
                   (seen.empty() ? "" : seen + "; and ") + "__fish_seen_subcommand_from " + verb.name, out);
  }
}

}  // namespace

std::string bash_completion(const std::vector<command_text>& programs) {
  std::string made;
  for (const auto& one : programs) made += bash_function(one);
  return made;
}

std::string zsh_completion(const std::vector<command_text>& programs) {
  std::string made = "#compdef";
  for (const auto& one : programs) made += " " + one.name;
  made += "\n";
  for (const auto& one : programs) add_zsh_functions(one, "_" + one.name, made);
  for (const auto& one : programs) made += "compdef _" + one.name + " " + one.name + "\n";
  // As a file in fpath, its first use reads it and expects an answer; sourced, it only defines.
  return made + "if [[ $funcstack[1] == _" + programs.front().name + " ]]; then _$service \"$@\"; fi\n";
}

std::string fish_completion(const std::vector<command_text>& programs) {
  std::string made;
  for (const auto& one : programs) {
    made += "complete -c " + one.name + " -f\n";
    add_fish_lines(one, one.name, "", made);
  }
  return made;
}

}  // namespace ctxcache::client
