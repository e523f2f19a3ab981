#include "ctxcache/stats.hpp"

#include <numeric>

namespace ctxcache {

std::string_view name(rejecting_tier one) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(rejecting_tier::count)> names{"l1", "l2",
                                                                                                "flight"};
  return names[static_cast<std::size_t>(one)];
}

std::string_view name(rejection one) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(rejection::count)> names{
      "epoch", "all", "customer", "agent_type", "key", "pattern", "shared_bucket", "pending"};
  return names[static_cast<std::size_t>(one)];
}

std::uint64_t stats_snapshot::rejected(rejecting_tier where) const {
  const auto& counts = rejections[static_cast<std::size_t>(where)];
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::uint64_t stats_snapshot::rejected(rejection why) const {
  std::uint64_t sum = 0;
  for (const auto& counts : rejections) sum += counts[static_cast<std::size_t>(why)];
  return sum;
}

double stats_snapshot::rate(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return 0.0;
  // One decimal, half up, in integers: what is printed is what is computed.
  return static_cast<double>((part * 2000 + whole) / (whole * 2)) / 10.0;
}

}  // namespace ctxcache
