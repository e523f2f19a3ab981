#include "coherence/server_check.hpp"

#include <charconv>
#include <compare>
#include <optional>
#include <string_view>
#include <utility>

namespace ctxcache::coherence {
namespace {

struct release {
  unsigned major = 0;
  unsigned minor = 0;
  friend auto operator<=>(const release&, const release&) = default;
};

// The commands need 5.0 (streams; scripts of which the effects are replicated) and users 6.0; the rules of
// deploy/redis.acl need 6.2.
constexpr release oldest{6, 2};
// The first whose scripts can be told to run in a full server too.
constexpr release works_when_full{7, 0};

std::optional<release> release_of(std::string_view version) {
  release found;
  const char* const end = version.data() + version.size();
  const auto [dot, no_major] = std::from_chars(version.data(), end, found.major);
  if (no_major != std::errc{} || dot == end || *dot != '.') return std::nullopt;
  const auto [rest, no_minor] = std::from_chars(dot + 1, end, found.minor);
  if (no_minor != std::errc{}) return std::nullopt;
  return found;
}

// Each of these is a sentence, or empty when there is nothing to say.

std::string unknown_version(const server_facts& server) {
  if (release_of(server.version)) return {};
  return "it is not known which version of Redis keeps the log: make sure that it is 6.2 or newer";
}

std::string too_old(const server_facts& server) {
  if (release_of(server.version).value_or(oldest) >= oldest) return {};
  return "Redis " + server.version +
         " is too old to keep the log: 6.2 or newer is needed (deploy/redis.acl does not load in older "
         "ones); "
         "upgrade it";
}

std::string refuses_when_full(const server_facts& server) {
  if (server.maxmemory == 0 || release_of(server.version).value_or(works_when_full) >= works_when_full) {
    return {};
  }
  return "Redis " + server.version +
         " refuses invalidations while its maxmemory is reached: upgrade it to 7.0 or newer, or raise "
         "maxmemory well above what it holds";
}

// What has no TTL, as the log, is evicted by these policies alone.
std::string may_evict_the_log(const server_facts& server) {
  if (server.maxmemory == 0 || !server.eviction_policy.starts_with("allkeys-")) return {};
  return "Redis may evict the log (maxmemory-policy " + server.eviction_policy +
         "), and then all that is cached becomes a miss: set maxmemory-policy to volatile-lru";
}

std::string other_number_of_replicas(const server_facts& server, std::uint64_t wanted) {
  const auto connected = server.replicas_connected;
  const auto numbers = std::to_string(connected) +
                       " replicas of the log are connected and coherence.replicas is " +
                       std::to_string(wanted);
  if (connected < wanted) {
    return numbers + ": without them nothing cached may be served for long; connect them, or lower it";
  }
  if (connected > wanted) {
    return numbers +
           ": a failover may promote one that lags, and fences are not promised across it; raise it";
  }
  return {};
}

}  // namespace

server_verdict judge(const server_facts& server, bool strict, std::uint64_t replicas) {
  server_verdict found{.refusal = too_old(server)};
  auto eviction = may_evict_the_log(server);
  if (strict && found.refusal.empty() && !eviction.empty()) {
    found.refusal = std::exchange(eviction, {}) + "; coherence.consistency = \"strict\" insists on it";
  }
  for (auto& sentence : {unknown_version(server), refuses_when_full(server), eviction,
                         other_number_of_replicas(server, replicas)}) {
    if (!sentence.empty()) found.warnings.push_back(sentence);
  }
  return found;
}

}  // namespace ctxcache::coherence
