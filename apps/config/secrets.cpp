#include "config/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>
#include <sstream>

namespace ctxcache::config {
namespace {

constexpr std::string_view mask = "***";

const std::string* find(const environment& variables, const std::string& name) {
  const auto found =
      std::find_if(variables.begin(), variables.end(), [&](const auto& one) { return one.first == name; });
  return found == variables.end() ? nullptr : &found->second;
}

parsed<std::string> secret(const std::string& name, const environment& variables) {
  if (const auto* value = find(variables, name)) return *value;
  const auto* path = find(variables, name + "_FILE");
  if (path == nullptr) {
    return complaint::of("neither " + name + " nor " + name + "_FILE is set in the environment");
  }
  std::ifstream file(*path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return complaint::of("the file that " + name + "_FILE names cannot be read, or is empty");
  }
  auto value = text.str();
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return value;
}

// The end of a URL's authority, where a password may hide. One that was not encoded may itself hold a `/`:
// then all up to the last `@` counts, for showing too little is better than too much.
std::optional<std::size_t> end_of_userinfo(std::string_view url, std::size_t begin) {
  const auto authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  auto at = authority.rfind('@');
  if (at == std::string_view::npos) at = url.substr(begin).rfind('@');
  return at == std::string_view::npos ? std::nullopt : std::optional{begin + at};
}

std::string without_password(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string{url};
  const auto begin = scheme + 3;
  const auto end = end_of_userinfo(url, begin);
  const auto colon = url.find(':', begin);
  if (!end || colon >= *end) return std::string{url};
  return std::string{url.substr(0, colon + 1)} + std::string{mask} + std::string{url.substr(*end)};
}

// `password=…` of libpq's keywords and of a query.
void mask_parameter(std::string& text, std::string_view name) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  auto from = text.begin();
  while (true) {
    from = std::search(from, text.end(), name.begin(), name.end(), same);
    if (from == text.end()) return;
    const auto begin = (from - text.begin()) + static_cast<std::ptrdiff_t>(name.size());
    auto end = text.find_first_of("& ", static_cast<std::size_t>(begin));
    const bool quoted = text.compare(static_cast<std::size_t>(begin), 1, "'") == 0;
    if (quoted) end = text.size();  // a quoted value may hold blanks and escaped quotes: hide the rest
    const auto stop = static_cast<std::ptrdiff_t>(std::min(end, text.size()));
    text.replace(text.begin() + begin, text.begin() + stop, mask);
    from = text.begin() + begin;
  }
}

}  // namespace

parsed<std::string> expand(std::string_view text, const environment& variables) {
  std::string made;
  while (true) {
    const auto begin = text.find("${");
    made += text.substr(0, begin);
    if (begin == std::string_view::npos) return made;
    const auto end = text.find('}', begin);
    if (end == std::string_view::npos) return complaint::of("\"${\" without its \"}\"");
    const auto value = secret(std::string{text.substr(begin + 2, end - begin - 2)}, variables);
    if (!value) return value.error();
    made += *value;
    text.remove_prefix(end + 1);
  }
}

std::string redact(std::string_view url) {
  constexpr std::array<std::string_view, 4> names{"password=", "token=", "secret=", "key="};
  auto shown = without_password(url);
  for (const auto& name : names) mask_parameter(shown, name);
  return shown;
}

}  // namespace ctxcache::config
