#include "config/table_parts.hpp"

#include <algorithm>
#include <cctype>

#include "config/suggest.hpp"

namespace ctxcache::config {

void shown_table::add(std::string_view key, std::string value) {
  made_.values.push_back({prefix_ + "." + std::string{key}, std::move(value), reader_.origin_of(key)});
}

named_provider read_provider(table_reader& reader, const known_providers& known) {
  if (reader.find("provider") == nullptr) reader.complain("provider", "provider is missing");
  const auto name = reader.read("provider", to_text);
  if (!name) return {};
  const auto found = known.find(*name);
  if (found != known.end()) return {*name, found->second};
  std::vector<std::string_view> names;
  for (const auto& one : known) names.push_back(one.first);
  reader.complain("provider", "there is no [provider." + *name + "]" + suggestion(*name, names));
  return {*name};
}

std::optional<std::vector<std::string>> read_names(table_reader& reader, const name_list& what,
                                                   std::vector<problem>& errors) {
  auto named = reader.read(what.key, to_list);
  if (!named) return named;
  const auto sort = std::string{what.sort};
  for (const auto& one : std::get<array>(reader.find(what.key)->value.value)) {
    const auto& name = std::get<std::string>(one.value);
    if (std::find(what.known.begin(), what.known.end(), name) == what.known.end()) {
      errors.push_back({one.at, "unknown " + sort + " \"" + name + "\"" + suggestion(name, what.known)});
    } else if (std::count(named->begin(), named->end(), name) > 1) {
      errors.push_back({one.at, sort + " \"" + name + "\" is named twice"});
    }
  }
  return named;
}

std::optional<std::vector<std::string>> read_agent_types(table_reader& reader, loaded& made) {
  constexpr std::string_view key = "agent_types";
  const auto& known = made.config.cache.agent_types;
  auto named = read_names(reader, {key, "agent type", {known.begin(), known.end()}}, made.errors);
  if (named && named->empty()) {
    reader.complain(key, "agent_types: names none; leave it out for all of them");
  }
  return named;
}

std::string joined(const std::vector<std::string>& names) {
  std::string made;
  for (const auto& one : names) made += (made.empty() ? "" : ",") + one;
  return made;
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";  // RFC 9110, token
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char byte) {
    return (byte < 0x80 && std::isalnum(byte) != 0) || others.find(char(byte)) != std::string_view::npos;
  });
}

bool is_json_pointer(std::string_view text) {
  if (!text.starts_with('/')) return false;
  for (auto at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    const auto escaped = text.substr(at + 1, 1);
    if (escaped != "0" && escaped != "1") return false;
  }
  return true;
}

}  // namespace ctxcache::config
