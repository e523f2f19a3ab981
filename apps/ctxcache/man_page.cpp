#include <algorithm>
#include <cctype>

#include "command_text.hpp"

namespace ctxcache::client {
namespace {

// A `.` or `'` that begins a line is a request, and a plain `-` is a hyphen.
std::string roff(const std::string& text) {
  std::string made;
  for (const char one : text) {
    if (one == '\\') {
      made += "\\e";
    } else if (one == '-') {
      made += "\\-";
    } else {
      made += one;
    }
  }
  return made.starts_with('.') || made.starts_with('\'') ? "\\&" + made : made;
}

std::string bold(const std::string& text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string argument_text(const std::string& argument) {
  return choices_of(argument).empty() ? italic(argument) : roff(argument);
}

std::string option_lines(const command_text& command) {
  std::string made;
  for (const auto& option : command.options) {
    made += ".TP\n";
    bool first = true;
    for (const auto& name : option.names) {
      made += (first ? "" : ", ") + bold(name);
      first = false;
    }
    made += (option.argument.empty() ? "" : " " + argument_text(option.argument)) + "\n" + roff(option.doc) +
            "\n";
  }
  return made;
}

std::string usage_of(const command_text& command, const std::string& path) {
  auto made = bold(path);
  if (!command.options.empty()) made += " [" + italic("options") + "]";
  for (const auto& one : command.positionals) {
    made += one.required ? " " + italic(one.name) : " [" + italic(one.name) + "]";
  }
  return made + (command.verbs.empty() ? "" : " " + italic("verb") + " ...");
}

std::string verb_sections(const command_text& command, const std::string& path) {
  std::string made;
  for (const auto& verb : command.verbs) {
    const auto name = path.empty() ? verb.name : path + " " + verb.name;
    if (verb.verbs.empty()) {
      made += ".SS " + usage_of(verb, name) + "\n" + roff(verb.doc) + "\n";
      for (const auto& one : verb.positionals) {
        made += ".TP\n" + italic(one.name) + "\n" + roff(one.doc) +
                (choices_of(one.argument).empty() ? "" : " One of " + roff(one.argument) + ".") + "\n";
      }
      made += option_lines(verb);
    }
    made += verb_sections(verb, name);
  }
  return made;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char one) { return static_cast<char>(std::toupper(one)); });
  return text;
}

}  // namespace

std::string man_page(const command_text& program, const std::string& extra) {
  std::string made = ".TH " + upper(program.name) + " 1 \"\" \"ctxcache " CTX_VERSION "\" \"ctxcache\"\n";
  made += ".SH NAME\n" + roff(program.name) + " \\- " + roff(program.doc) + "\n";
  made += ".SH SYNOPSIS\n" + usage_of(program, program.name) + "\n";
  made += ".SH OPTIONS\n" + option_lines(program);
  if (!program.verbs.empty()) made += ".SH VERBS\n" + verb_sections(program, "");
  return made + extra;
}

}  // namespace ctxcache::client
