#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ctxcache/server_facts.hpp"

namespace ctxcache::coherence {

/// What an operator should hear about the server that keeps the log; each sentence says what to do.
struct server_verdict {
  std::vector<std::string> warnings{};
  std::string refusal{};  ///< not empty: do not rely on this log, and why
};

/// Whether a fleet can rely on that server. `strict`: one that may lose the log by itself is refused.
/// `replicas`: how many must have a message before it counts. Where `maxmemory` is 0, nothing is evicted.
[[nodiscard]] server_verdict judge(const server_facts& server, bool strict, std::uint64_t replicas);

}  // namespace ctxcache::coherence
