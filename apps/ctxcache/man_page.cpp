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

// It can do without one of its verbs: the options besides --help are for that.
bool stands_alone(const command_text& command) {
  return command.verbs.empty() || command.options.size() > 1;
}

std::string usage_of(const command_text& command, const std::string& path) {
  auto made = bold(path);
  if (!command.options.empty()) made += " [" + italic("options") + "]";
  for (const auto& one : command.positionals) {
    made += one.required ? " " + italic(one.name) : " [" + italic(one.name) + "]";
  }
  if (command.verbs.empty()) return made;
  return made + (stands_alone(command) ? " [" + italic("verb") + " ...]" : " " + italic("verb") + " ...");
}

std::string examples_of(const command_text& command) {
  if (command.examples.empty()) return "";
  std::string made = ".PP\n.nf\n";
  for (std::size_t begin = 0; begin < command.examples.size();) {
    const auto end = std::min(command.examples.find('\n', begin), command.examples.size());
    made += roff(command.examples.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return made + ".fi\n";
}

std::string positional_lines(const command_text& command) {
  std::string made;
  for (const auto& one : command.positionals) {
    made += ".TP\n" + italic(one.name) + "\n" + roff(one.doc) +
            (choices_of(one.argument).empty() ? "" : " One of " + roff(one.argument) + ".") + "\n";
  }
  return made;
}

std::string verb_sections(const command_text& command, const std::string& path) {
  std::string made;
  for (const auto& verb : command.verbs) {
    const auto name = path.empty() ? verb.name : path + " " + verb.name;
    if (stands_alone(verb) || !verb.examples.empty())
      made += ".SS " + usage_of(verb, name) + "\n" + roff(verb.doc) + "\n";
    if (stands_alone(verb)) made += positional_lines(verb) + option_lines(verb);
    made += examples_of(verb);
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
