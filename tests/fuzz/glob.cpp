// Patterns against texts, split at the first line feed: as a plain recursive matcher says, where it is quick.
#include "model/glob.hpp"

#include <string>

#include "ctxcache/key.hpp"
#include "target.hpp"

using ctxcache::glob_matches;

namespace {

// Of patterns made of `*`, `?` and plain bytes alone.
bool plainly_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return plainly_matches(pattern.substr(1), text) ||
           (!text.empty() && plainly_matches(pattern, text.substr(1)));
  }
  if (text.empty() || (pattern[0] != '?' && pattern[0] != text[0])) return false;
  return plainly_matches(pattern.substr(1), text.substr(1));
}

}  // namespace

void try_input(std::string_view bytes) {
  const auto cut = bytes.find('\n');
  const auto pattern = bytes.substr(0, cut);
  const auto text = cut == std::string_view::npos ? std::string_view{} : bytes.substr(cut + 1);
  const bool matches = glob_matches(pattern, text);
  if (text.empty()) return;  // no key is, and Redis has its own mind about it
  CTX_ASSERT(glob_matches("*", text));
  constexpr std::size_t quick_bytes = 12;
  const bool plain = pattern.find_first_of("[]\\") == std::string_view::npos;
  if (plain && pattern.size() <= quick_bytes && text.size() <= quick_bytes) {
    CTX_ASSERT(matches == plainly_matches(pattern, text));
  }
  const auto what = ctxcache::scope::matching(pattern);
  CTX_ASSERT(what.has_value() == (!pattern.empty() && pattern.size() <= ctxcache::pattern_bytes_max));
}
