#include "providers/path_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ctxcache::providers {
namespace {

// RFC 3986, 2.3: only unreserved bytes stay.
std::string encoded(std::string_view id) {
  constexpr std::string_view stays = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char byte : id) {
    if (stays.find(byte) != std::string_view::npos) {
      out += byte;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(byte));
    }
  }
  return out;
}

// Servers resolve these however they are spelled (RFC 3986, 5.2.4 and 6.2.2), so encoding would not help.
bool climbs(std::string_view target) {
  auto path = target.substr(0, target.find('?'));
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

bool well_formed(std::string_view path) {
  constexpr std::string_view never = "#\"<>\\^`{|} ";
  return path.starts_with('/') && !path.starts_with("//") && std::ranges::all_of(path, [&](char byte) {
           return byte > 0x20 && byte < 0x7f && never.find(byte) == std::string_view::npos;
         });
}

}  // namespace

result<std::optional<std::string>> expand_path(std::string_view path, const key& wanted) {
  std::string literal;  // the template with "x" in the place of its placeholders
  std::string out;
  bool complete = true;
  while (!path.empty()) {
    const auto text = path.substr(0, path.find('{'));
    literal += text;
    out += text;
    path.remove_prefix(text.size());
    if (path.empty()) break;
    const auto placeholder = path.substr(0, path.find('}') + 1);
    if (placeholder == "{customer_id}") {
      out += encoded(wanted.customer_id());
    } else if (placeholder == "{agent_type}") {
      out += encoded(wanted.agent_type());
    } else if (placeholder == "{conversation_id}") {
      const auto id = wanted.conversation_id();
      complete = complete && id.has_value();
      out += encoded(id.value_or(""));
    } else {
      return errc::invalid_config;
    }
    literal += 'x';
    path.remove_prefix(placeholder.size());
  }
  if (!well_formed(literal)) return errc::invalid_config;
  if (!complete || climbs(out)) return std::nullopt;
  return out;
}

}  // namespace ctxcache::providers
