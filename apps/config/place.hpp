#pragma once

#include <cstddef>
#include <string>

namespace ctxcache::config {

/// Where a value stands: in a file, or under a name ("environment CTXCACHE_L1_CACHE_TTL", "flag --threads").
struct place {
  std::string source;
  std::size_t line = 0;  ///< from 1; 0: `source` says it all
  std::size_t column = 0;
};

/// What is wrong, or doubtful, and where.
struct problem {
  place at;
  std::string message;
};

/// "ctxcache.toml:12:8", or the source alone.
[[nodiscard]] std::string to_string(const place& at);
/// "ctxcache.toml:12:8: message".
[[nodiscard]] std::string to_string(const problem& one);
/// "ctxcache.toml:12", or the source alone.
[[nodiscard]] std::string origin(const place& at);

}  // namespace ctxcache::config
