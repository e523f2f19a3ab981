#include "config/id_list.hpp"

#include <algorithm>
#include <unordered_set>

#include "ctxcache/key.hpp"

namespace ctxcache::config {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::string shown(std::string_view bad) {
  std::string made{bad.substr(0, id_bytes_max)};
  std::ranges::replace_if(
      made, [](char one) { return static_cast<unsigned char>(one) >= 0x80; }, '?');
  return made;
}

}  // namespace

id_list parse_ids(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  id_list made;
  std::unordered_set<std::string_view> seen;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto id = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (id.empty() || id.front() == '#' || !seen.insert(id).second) continue;
    if (key::make({.customer_id = id, .agent_type = "any"}))
      made.ids.push_back({number, std::string{id}});
    else
      made.bad.push_back({number, shown(id)});
  }
  return made;
}

}  // namespace ctxcache::config
