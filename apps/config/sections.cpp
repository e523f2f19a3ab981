#include <algorithm>

#include "config/suggest.hpp"
#include "config/table_parts.hpp"
#include "config/units.hpp"

namespace ctxcache::config {
namespace {

constexpr std::string_view shape_names[] = {"object", "rows", "value"};

parsed<section_shape> to_shape(const node& from) {
  const auto name = to_choice(from, {std::begin(shape_names), std::end(shape_names)});
  if (!name) return name.error();
  const auto* found = std::find(std::begin(shape_names), std::end(shape_names), *name);
  return static_cast<section_shape>(found - std::begin(shape_names));
}

// What the HTTP provider would refuse, while we still know the line.
std::optional<std::string> check_path(std::string_view path) {
  static constexpr std::string_view placeholders[] = {"{customer_id}", "{agent_type}", "{conversation_id}"};
  if (!path.starts_with('/') || path.starts_with("//")) return "must begin with a single \"/\"";
  for (std::size_t at = 0; at < path.size(); ++at) {
    const auto byte = static_cast<unsigned char>(path[at]);
    if (byte <= ' ' || byte >= 0x7f || byte == '#') return "may hold only what a URL can, and no \"#\"";
    if (byte == '}') return "\"}\" without its \"{\"";
    if (byte != '{') continue;
    const auto name = path.substr(at, path.find('}', at) - at + 1);
    if (std::find(std::begin(placeholders), std::end(placeholders), name) == std::end(placeholders)) {
      return "unknown placeholder \"" + std::string{name} + "\"" + suggestion(name, placeholders);
    }
    at += name.size() - 1;
  }
  return std::nullopt;
}

class section_reader {
 public:
  section_reader(const member& of, const known_providers& providers, loaded& made)
      : of_(of), providers_(providers), made_(made), reader_(of, made.errors) {}

  void read() {
    one_.name = of_.name;
    one_.at = of_.at;
    if (const auto wrong = check_name(of_.name)) made_.errors.push_back({of_.at, wrong->text()});
    const auto provider = read_provider(reader_, providers_);
    one_.provider = provider.name;
    read_text(provider.type);
    const auto duration = [](const node& from) { return to_duration(from); };
    if (const auto shape = reader_.read("shape", to_shape)) one_.shape = *shape;
    if (const auto needed = reader_.read("required", to_bool)) one_.required = *needed;
    if (const auto most = reader_.read("timeout", duration)) one_.timeout = *most;
    one_.agent_types = read_agent_types(reader_, made_).value_or(made_.config.cache.agent_types);
    reader_.finish();
    list();
    made_.config.sections.push_back(std::move(one_));
  }

 private:
  void read_text(std::optional<provider_kind> from) {
    const auto query = reader_.read("query", to_text);
    const auto path = reader_.read("path", to_text);
    const bool has_query = reader_.find("query") != nullptr;
    const bool has_path = reader_.find("path") != nullptr;
    if (has_query && has_path) return reader_.complain("path", "a section has a query or a path, not both");
    if (!has_query && !has_path) {
      made_.errors.push_back({of_.at, "a section needs a query (for a database) or a path (for HTTP)"});
      return;
    }
    one_.text = query.value_or(path.value_or(""));
    const auto* name = has_query ? "query" : "path";
    if (query && query->find_first_not_of(" \t\r\n") == std::string::npos) {
      reader_.complain(name, "query: must not be empty");
    }
    if (const auto wrong = path ? check_path(*path) : std::nullopt) reader_.complain(name, "path: " + *wrong);
    if (!from || (*from == provider_kind::http) == has_path) return;
    const auto who = "provider \"" + one_.provider + "\" is ";
    reader_.complain(name, who + (has_path ? "a database: it takes a query, not a path"
                                           : "an HTTP service: it takes a path, not a query"));
  }

  void list() {
    shown_table shown{"section." + one_.name, reader_, made_};
    shown.add("provider", one_.provider);
    shown.add(reader_.find("path") != nullptr ? "path" : "query", one_.text);
    shown.add("shape", std::string{shape_names[static_cast<std::size_t>(one_.shape)]});
    shown.add("agent_types", joined(one_.agent_types));
    shown.add("required", one_.required ? "true" : "false");
    shown.add("timeout", format_duration(one_.timeout));
  }

  const member& of_;
  const known_providers& providers_;
  loaded& made_;
  table_reader reader_;
  section_config one_;
};

}  // namespace

void read_sections(const member& tables, const known_providers& providers, loaded& made) {
  for_each_table(tables, made.errors, [&](const member& one) {
    section_reader{one, providers, made}.read();
  });
}

}  // namespace ctxcache::config
