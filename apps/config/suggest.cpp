#include "config/suggest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace ctxcache::config {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the matrix: two letters back (for swaps), one letter back, and the one being filled.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> now(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

std::optional<std::string_view> nearest(std::string_view written,
                                        std::span<const std::string_view> candidates) {
  constexpr std::size_t longest_name = 64;  // longer ones are no misspelling of ours
  if (written.size() > longest_name) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (const auto& one : candidates) {
    const auto distance = edit_distance(written, one);
    if (distance > std::max<std::size_t>(1, one.size() / 3) || distance >= one.size()) continue;
    if (best && distance >= best_distance) continue;
    best = one;
    best_distance = distance;
  }
  return best;
}

std::string suggestion(std::string_view written, std::span<const std::string_view> candidates) {
  const auto meant = nearest(written, candidates);
  return meant ? "; did you mean \"" + std::string{*meant} + "\"?" : std::string{};
}

}  // namespace ctxcache::config
