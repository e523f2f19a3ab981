#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ctxcache {

/// How long things of one kind took.
struct duration_counts {
  /// Upper bounds, from 50 µs to 10 s.
  static constexpr std::array<double, 16> bounds_seconds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                                         0.005,   0.01,   0.025,   0.05,   0.1,   0.25,
                                                         0.5,     1.0,    2.5,     10.0};
  std::array<std::uint64_t, bounds_seconds.size() + 1> buckets{};  ///< not cumulative; the last is the rest
  std::uint64_t count = 0;
  double sum_seconds = 0;

  /// Where the quantile (0 to 1) lies in its bucket, were the bucket's durations spread evenly; seconds, 10
  /// at most. 0 when nothing was recorded.
  [[nodiscard]] double quantile(double q) const;
};

/// Where a value was found that an invalidation forbids.
enum class rejecting_tier : std::uint8_t { l1, l2, flight, count };

/// What forbids a value, the widest first.
enum class rejection : std::uint8_t {
  epoch,          ///< it was loaded in another epoch of the log
  all,            ///< an invalidation of everything, or one that became so for want of room
  customer,       ///< one of its customer
  agent_type,     ///< one of its agent type
  key,            ///< one of its key
  pattern,        ///< one of a pattern that matches
  shared_bucket,  ///< none that is known: one of another scope that made room in the table
  pending,        ///< one that is not in the log yet
  count
};
[[nodiscard]] std::string_view name(rejecting_tier one);
[[nodiscard]] std::string_view name(rejection one);

using rejection_counts = std::array<std::array<std::uint64_t, static_cast<std::size_t>(rejection::count)>,
                                    static_cast<std::size_t>(rejecting_tier::count)>;

/// Counts since the start of the process. Requests are reads of one key each; a batch counts each of its
/// keys.
struct stats_snapshot {
  std::uint64_t l1_hits = 0;
  std::uint64_t l1_misses = 0;
  std::uint64_t l2_hits = 0;
  std::uint64_t l2_misses = 0;
  std::uint64_t l1_size = 0;   ///< entries now
  std::uint64_t l1_bytes = 0;  ///< their charge now
  std::uint64_t l1_max_size = 0;
  std::uint64_t l1_max_bytes = 0;
  std::uint64_t l1_evictions = 0;  ///< to make room
  std::uint64_t l1_expirations = 0;
  std::uint64_t l2_errors = 0;  ///< timeouts, refusals and undecodable values; each is an L2 miss as well
  std::uint64_t l2_corrupt = 0;
  std::uint64_t loads = 0;  ///< asked of the providers
  std::uint64_t load_errors = 0;
  std::uint64_t coalesced = 0;  ///< reads that joined a load under way
  std::uint64_t stale_served = 0;
  std::uint64_t stale_rejected = 0;  ///< entries found that an invalidation forbade (rule 3)
  rejection_counts rejections{};     ///< the same by where they were found and by what forbade them
  std::uint64_t unknown_hits = 0;    ///< reads answered 404 from the negative cache
  std::uint64_t unlicensed = 0;      ///< entries found that might not be served, the fleet's log being away
  std::uint64_t puts = 0;
  std::uint64_t invalidations = 0;  ///< asked of this process
  std::uint64_t fences_confirmed = 0;
  std::uint64_t fences_unconfirmed = 0;  ///< in time
  std::uint64_t licences_lost = 0;
  std::uint64_t epochs_joined = 0;
  /// Hits that were compared with what the providers say (`inspect`): the same; different, and nothing can
  /// be said; different without an invalidation; different although it was forbidden before, which is a
  /// defect.
  std::uint64_t inspected_match = 0;
  std::uint64_t inspected_inconclusive = 0;
  std::uint64_t inspected_unannounced = 0;
  std::uint64_t inspected_violation = 0;
  duration_counts lag{};     ///< of messages, from being said to being applied here; two clocks tell it
  duration_counts fences{};  ///< from asking for a fence to its answer, confirmed or not

  [[nodiscard]] std::uint64_t rejected(rejecting_tier where) const;
  [[nodiscard]] std::uint64_t rejected(rejection why) const;

  [[nodiscard]] std::uint64_t requests() const { return l1_hits + l1_misses; }
  /// Percent, 0 to 100, one decimal; 0 without requests.
  [[nodiscard]] double l1_hit_rate() const { return rate(l1_hits, requests()); }
  [[nodiscard]] double l2_hit_rate() const { return rate(l2_hits, l2_hits + l2_misses); }
  [[nodiscard]] double overall_hit_rate() const { return rate(l1_hits + l2_hits, requests()); }

 private:
  [[nodiscard]] static double rate(std::uint64_t part, std::uint64_t whole);
};

}  // namespace ctxcache
