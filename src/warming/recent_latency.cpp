#include "warming/recent_latency.hpp"

#include <cmath>

namespace ctxcache::warming {
namespace {

constexpr std::chrono::seconds span{2};
constexpr std::chrono::milliseconds apart{500};

duration_counts difference(duration_counts now, const duration_counts& before) {
  for (std::size_t i = 0; i < now.buckets.size(); ++i) now.buckets[i] -= before.buckets[i];
  now.count -= before.count;
  now.sum_seconds -= before.sum_seconds;
  return now;
}

}  // namespace

std::chrono::milliseconds recent_latency::p99() {
  const auto counts = so_far_();
  const auto now = time_.now();
  const std::lock_guard lock{mutex_};
  while (looks_.size() > 1 && looks_[1].at <= now - span) looks_.pop_front();
  const auto bound = looks_.empty() ? 0.0 : difference(counts, looks_.front().counts).quantile(0.99);
  if (looks_.empty() || looks_.back().at <= now - apart) looks_.push_back({now, counts});
  return std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(bound * 1'000))};
}

}  // namespace ctxcache::warming
