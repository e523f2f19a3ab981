#pragma once

#include <cstdint>
#include <string>

namespace ctxcache {

/// What the server that keeps the fleet's log says of itself.
struct server_facts {
  std::string version{};                 ///< "7.0.15"
  std::string eviction_policy{};         ///< as in `maxmemory-policy`; empty when it does not say
  std::uint64_t maxmemory = 0;           ///< in bytes; 0: no limit
  std::uint64_t replicas_connected = 0;  ///< at this moment
};

}  // namespace ctxcache
