#include "config/table_reader.hpp"

#include <algorithm>
#include <cctype>

#include "config/suggest.hpp"

namespace ctxcache::config {

const member* table_reader::find(std::string_view name) {
  asked_.push_back(name);
  const auto& members = std::get<table>(of_.value.value);
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const member& one) { return one.name == name; });
  return found == members.end() ? nullptr : &*found;
}

std::string table_reader::origin_of(std::string_view name) {
  const auto* found = find(name);
  return found == nullptr ? "default" : origin(found->value.at);
}

void table_reader::complain(std::string_view name, const std::string& message) {
  const auto* found = find(name);
  errors_.push_back({found == nullptr ? of_.at : found->value.at, message});
}

void table_reader::finish() {
  for (const auto& one : std::get<table>(of_.value.value)) {
    if (std::find(asked_.begin(), asked_.end(), one.name) != asked_.end()) continue;
    errors_.push_back({one.at, "unknown key \"" + one.name + "\"" + suggestion(one.name, asked_)});
  }
}

std::optional<complaint> check_name(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char byte) {
    return (byte < 0x80 && std::isalnum(byte) != 0) || byte == '_' || byte == '-';
  });
  // The name is part of metric labels and of prepared statements, which PostgreSQL cuts at 63 bytes.
  constexpr std::size_t name_bytes_max = 48;
  if (plain && !name.empty() && name.size() <= name_bytes_max) return std::nullopt;
  return complaint::of("a name consists of 1 to 48 letters, digits, \"_\" and \"-\"");
}

}  // namespace ctxcache::config
