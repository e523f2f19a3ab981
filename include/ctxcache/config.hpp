#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ctxcache/log_message.hpp"

namespace ctxcache {

/// What the orchestrator needs to know. The defaults are a working setup.
struct cache_settings {
  bool enable_l1_cache = true;
  std::chrono::milliseconds l1_cache_ttl{30'000};
  std::size_t l1_cache_max_size = 1'000;                    ///< items
  std::size_t l1_cache_max_bytes = std::size_t{256} << 20;  ///< bytes, bookkeeping included
  bool enable_l2_cache = true;
  std::chrono::milliseconds l2_cache_ttl{300'000};
  std::chrono::milliseconds l2_budget{50};         ///< the longest a request waits for Redis, in all
  std::chrono::milliseconds load_timeout{2'000};   ///< the longest a load may take
  std::chrono::milliseconds partial_ttl{5'000};    ///< life of a context with a failed optional section
  std::chrono::milliseconds negative_ttl{5'000};   ///< how long an unknown customer is remembered
  std::size_t negative_max_size = 10'000;          ///< unknown customers remembered at a time
  std::chrono::milliseconds stale_grace{600'000};  ///< how long past its life a value may stand in for a
                                                   ///< provider that is down; 0: never
  std::size_t max_concurrent_loads = 1'024;        ///< 16 times as many wait, those with the most readers
                                                   ///< first; over that, a read is answered `overloaded`
  double inspect = 0;  ///< fraction of the hits, 0 to 1, that are compared with the providers' truth
  std::vector<std::string> agent_types = {"support", "billing", "success",   "sales",
                                          "legal",   "product", "operations"};
};

/// How this process takes part in its fleet (docs/coherence.md).
struct fleet_settings {
  fleet_constants constants{};  ///< the same in every process of the fleet
  std::size_t replicas = 0;     ///< of the log's Redis that must have a message before it counts
  bool strict = false;          ///< serve nothing cached without a licence: no grace, no own loads
  std::size_t table_slots = std::size_t{1}
                            << 20;  ///< of invalidated scopes that are kept apart; 8 bytes each
  std::string journal_path{};       ///< where invalidations wait while the log is away; empty: refused then
  std::size_t journal_max_bytes = std::size_t{16} << 20;
};

}  // namespace ctxcache
