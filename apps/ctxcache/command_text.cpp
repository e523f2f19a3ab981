#include "command_text.hpp"

#include <algorithm>

#include "config/settings.hpp"

namespace ctxcache::client {
namespace {

std::string argument_of(const config::setting& one) {
  switch (one.how) {
    case config::kind::truth:
      return "true|false";
    case config::kind::duration:
      return "DURATION";
    case config::kind::bytes:
      return "SIZE";
    case config::kind::count:
    case config::kind::fraction:
    case config::kind::number:
      return "NUMBER";
    case config::kind::url:
      return "URL";
    case config::kind::text:
      return "TEXT";
    case config::kind::path:
      return "FILE";
    case config::kind::list:
      return "NAME,...";
    case config::kind::choice:
      break;
  }
  std::string made;
  for (const auto& word : config::choices_of(one)) made += (made.empty() ? "" : "|") + std::string{word};
  return made;
}

}  // namespace

command_text daemon_text() {
  command_text made;
  made.name = "ctxcached";
  made.doc = "Serves the context of customers to AI agents, from memory, Redis and providers.";
  made.options.push_back({{"--help"}, "", "Shows the options and ends."});
  made.options.push_back({{"--version"}, "", "Shows the version and ends."});
  made.options.push_back(
      {{"--config"}, "FILE", "The TOML file to read. Without one the defaults are a working setup."});
  for (const auto& one : config::settings()) {
    std::string doc{one.doc};
    std::erase(doc, '`');
    made.options.push_back({{config::flag_name(one)}, argument_of(one), doc});
  }
  return made;
}

std::vector<std::string> choices_of(const std::string& argument) {
  std::vector<std::string> made;
  if (argument.find('|') == std::string::npos) return made;
  for (std::size_t begin = 0; begin <= argument.size();) {
    const auto end = std::min(argument.find('|', begin), argument.size());
    made.push_back(argument.substr(begin, end - begin));
    begin = end + 1;
  }
  return made;
}

}  // namespace ctxcache::client
