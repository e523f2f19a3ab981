#pragma once

#include <cstdint>
#include <string>

namespace ctxcache {

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
  std::uint64_t unknown_hits = 0;    ///< reads answered 404 from the negative cache
  std::uint64_t unlicensed = 0;      ///< entries found that might not be served, the fleet's log being away
  std::uint64_t puts = 0;
  std::uint64_t invalidations = 0;  ///< asked of this process
  std::uint64_t fences_confirmed = 0;
  std::uint64_t fences_unconfirmed = 0;  ///< in time
  std::uint64_t licences_lost = 0;
  std::uint64_t epochs_joined = 0;

  [[nodiscard]] std::uint64_t requests() const { return l1_hits + l1_misses; }
  /// Percent, 0 to 100, one decimal; 0 without requests.
  [[nodiscard]] double l1_hit_rate() const { return rate(l1_hits, requests()); }
  [[nodiscard]] double l2_hit_rate() const { return rate(l2_hits, l2_hits + l2_misses); }
  [[nodiscard]] double overall_hit_rate() const { return rate(l1_hits + l2_hits, requests()); }

 private:
  [[nodiscard]] static double rate(std::uint64_t part, std::uint64_t whole);
};

}  // namespace ctxcache
