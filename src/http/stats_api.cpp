// GET /api/v1/context/cache/stats.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <iterator>
#include <utility>

#include "http/handlers.hpp"

namespace ctxcache::http {
namespace {

using count_field = std::pair<std::string_view, std::uint64_t stats_snapshot::*>;

constexpr std::array<count_field, 24> more_fields{{
    {"l1_size", &stats_snapshot::l1_size},
    {"l1_bytes", &stats_snapshot::l1_bytes},
    {"l1_max_size", &stats_snapshot::l1_max_size},
    {"l1_max_bytes", &stats_snapshot::l1_max_bytes},
    {"l1_evictions", &stats_snapshot::l1_evictions},
    {"l1_expirations", &stats_snapshot::l1_expirations},
    {"l2_errors", &stats_snapshot::l2_errors},
    {"l2_corrupt", &stats_snapshot::l2_corrupt},
    {"loads", &stats_snapshot::loads},
    {"load_errors", &stats_snapshot::load_errors},
    {"coalesced", &stats_snapshot::coalesced},
    {"stale_served", &stats_snapshot::stale_served},
    {"stale_rejected", &stats_snapshot::stale_rejected},
    {"unknown_hits", &stats_snapshot::unknown_hits},
    {"puts", &stats_snapshot::puts},
    {"unlicensed", &stats_snapshot::unlicensed},
    {"licences_lost", &stats_snapshot::licences_lost},
    {"epochs_joined", &stats_snapshot::epochs_joined},
    {"fences_confirmed", &stats_snapshot::fences_confirmed},
    {"fences_unconfirmed", &stats_snapshot::fences_unconfirmed},
    {"inspected_match", &stats_snapshot::inspected_match},
    {"inspected_inconclusive", &stats_snapshot::inspected_inconclusive},
    {"inspected_unannounced", &stats_snapshot::inspected_unannounced},
    {"inspected_violation", &stats_snapshot::inspected_violation},
}};

// Quantiles are the upper bounds of the buckets in which they lie.
[[nodiscard]] std::string milliseconds(const duration_counts& took) {
  return fmt::format(R"({{"count":{},"p50":{:.2f},"p99":{:.2f}}})", took.count, took.quantile(0.5) * 1'000,
                     took.quantile(0.99) * 1'000);
}

[[nodiscard]] std::string by_tier(const stats_snapshot& stats) {
  return fmt::format(R"({{"l1":{},"l2":{},"flight":{}}})", stats.rejected(rejecting_tier::l1),
                     stats.rejected(rejecting_tier::l2), stats.rejected(rejecting_tier::flight));
}

}  // namespace

answer show_stats(const service& on, const call& one) {
  const auto stats = on.cache.stats();
  answer out;
  const auto to = std::back_inserter(out.text);
  fmt::format_to(to, R"({{"l1_hits":{},"l1_misses":{},"l1_hit_rate":{:.1f},)", stats.l1_hits, stats.l1_misses,
                 stats.l1_hit_rate());
  fmt::format_to(to, R"("l2_hits":{},"l2_misses":{},"l2_hit_rate":{:.1f},"overall_hit_rate":{:.1f})",
                 stats.l2_hits, stats.l2_misses, stats.l2_hit_rate(), stats.overall_hit_rate());
  for (const auto& [field, member] : more_fields) fmt::format_to(to, R"(,"{}":{})", field, stats.*member);
  const auto fleet = on.cache.fleet();
  fmt::format_to(to, R"(,"stale_rejected_by_tier":{},"over_invalidated":{})", by_tier(stats),
                 stats.rejected(rejection::shared_bucket));
  fmt::format_to(to, R"(,"licensed":{},"queued":{},"lag_ms":{},"fence_ms":{})", fleet.licensed, fleet.queued,
                 milliseconds(stats.lag), milliseconds(stats.fences));
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(one.now - on.started_at);
  fmt::format_to(
      to, R"(,"invalidations":{},"loads_running":{},"loads_waiting":{},"uptime_s":{},"position":"{}"}})",
      stats.invalidations, on.cache.loads_running(), on.cache.loads_waiting(), uptime.count(),
      to_string(on.cache.at()));
  out.add("Cache-Control", "no-store");
  return out;
}

}  // namespace ctxcache::http
