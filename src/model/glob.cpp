#include "model/glob.hpp"

#include <algorithm>
#include <cstddef>

namespace ctxcache {
namespace {

/// How one element of a pattern (a byte, `?`, a class) took one byte of the text.
struct step {
  bool matched;
  std::size_t next;  ///< where the following element begins
};

/// The class that begins after the `[` before `at`. As in Redis: the first `]` ends it, even an empty one;
/// the end of the pattern ends it too; a range may stand backwards and may swallow a `]`; bytes compare as
/// `char`.
step match_class(std::string_view pattern, std::size_t at, char c) noexcept {
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  for (; at < pattern.size(); ++at) {
    const auto left = pattern.size() - at;
    if (pattern[at] == '\\' && left >= 2) {
      ++at;
      found = found || pattern[at] == c;
    } else if (pattern[at] == ']') {
      return {found != negated, at + 1};
    } else if (left >= 3 && pattern[at + 1] == '-') {
      const auto [low, high] = std::minmax(pattern[at], pattern[at + 2]);
      found = found || (low <= c && c <= high);
      at += 2;
    } else {
      found = found || pattern[at] == c;
    }
  }
  return {found != negated, at};
}

/// `at` is the place of any element but `*`.
step match_one(std::string_view pattern, std::size_t at, char c) noexcept {
  if (pattern[at] == '?') return {true, at + 1};
  if (pattern[at] == '[') return match_class(pattern, at + 1, c);
  if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
  return {pattern[at] == c, at + 1};
}

}  // namespace

// An element takes exactly one byte, so only the last `*` ever needs another try: when what follows it has
// no place later in the text, longer matches of an earlier `*` do not help.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  // Redis finds the empty key by `*`, not by `**`: it looks for `*` before it asks its matcher.
  if (text.empty()) return pattern.empty() || pattern == "*";
  std::size_t at = 0;
  std::size_t after_star = std::string_view::npos;
  std::size_t retry = 0;  // where in the text what follows the last `*` is tried next
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      after_star = ++at;
      retry = i;
      continue;
    }
    const auto one = at < pattern.size() ? match_one(pattern, at, text[i]) : step{false, at};
    if (one.matched) {
      at = one.next;
      ++i;
    } else {
      if (after_star == std::string_view::npos) return false;
      if (after_star == pattern.size()) return true;
      at = after_star;
      i = ++retry;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace ctxcache
