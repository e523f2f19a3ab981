#include "config/toml_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace ctxcache::config {
namespace {

place place_of(const toml::source_region& region, const std::string& source) {
  return {source, region.begin.line, region.begin.column};
}

bool stands_before(const member& a, const member& b) {
  return std::pair{a.at.line, a.at.column} < std::pair{b.at.line, b.at.column};
}

node convert(const toml::node& from, const std::string& source);

array convert_array(const toml::array& from, const std::string& source) {
  array made;
  for (const auto& one : from) made.push_back(convert(one, source));
  return made;
}

// The library sorts by name; sections are asked and served in the order of the file.
table convert_table(const toml::table& from, const std::string& source) {
  table made;
  for (const auto& [name, value] : from) {
    made.push_back({std::string{name.str()}, place_of(name.source(), source), convert(value, source)});
  }
  std::sort(made.begin(), made.end(), stands_before);
  return made;
}

node convert(const toml::node& from, const std::string& source) {
  node made{{}, place_of(from.source(), source)};
  if (const auto* truth = from.as_boolean()) made.value = truth->get();
  if (const auto* whole = from.as_integer()) made.value = whole->get();
  if (const auto* real = from.as_floating_point()) made.value = real->get();
  if (const auto* text = from.as_string()) made.value = text->get();
  if (const auto* list = from.as_array()) made.value = convert_array(*list, source);
  if (const auto* nested = from.as_table()) made.value = convert_table(*nested, source);
  return made;
}

}  // namespace

std::variant<table, problem> parse_toml(std::string_view text, const std::string& source) {
  try {
    return convert_table(toml::parse(text, std::string_view{source}), source);
  } catch (const toml::parse_error& wrong) {
    return problem{place_of(wrong.source(), source), std::string{wrong.description()}};
  }
}

std::variant<table, problem> read_toml(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) {
    text.resize(file_bytes_max + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) {
    if (text.size() > file_bytes_max) return problem{{path}, "is larger than 1 MiB"};
    return problem{{path}, std::string{"cannot be read: "} + std::strerror(errno)};
  }
  return parse_toml(text, path);
}

}  // namespace ctxcache::config
