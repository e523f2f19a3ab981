#include "warming/recent_latency.hpp"

#include <algorithm>
#include <cmath>
#include <ranges>

namespace ctxcache::warming {
namespace {

constexpr std::chrono::milliseconds apart{500};

duration_counts difference(duration_counts now, const duration_counts& before) {
  for (std::size_t i = 0; i < now.buckets.size(); ++i) now.buckets[i] -= before.buckets[i];
  now.count -= before.count;
  now.sum_seconds -= before.sum_seconds;
  return now;
}

}  // namespace

std::chrono::microseconds recent_latency::p99(std::chrono::seconds span) {
  const auto counts = so_far_();
  const auto now = time_.now();
  const std::lock_guard lock{mutex_};
  while (looks_.size() > 1 && looks_[1].at <= now - longest) looks_.pop_front();
  if (looks_.empty() || looks_.back().at <= now - apart) looks_.push_back({now, counts});
  // The youngest look that is old enough, else the oldest.
  const auto old_enough = [&](const look& one) { return one.at <= now - span; };
  const auto found = std::ranges::find_if(looks_ | std::views::reverse, old_enough);
  const auto& before = found == looks_.rend() ? looks_.front() : *found;
  const auto seconds = difference(counts, before.counts).quantile(0.99);
  return std::chrono::microseconds{std::llround(seconds * 1e6)};
}

}  // namespace ctxcache::warming
