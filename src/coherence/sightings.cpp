#include "coherence/sightings.hpp"

#include <utility>

namespace ctxcache::coherence {

std::vector<log_store::member> sightings::silent(std::span<const log_store::member> registered,
                                                 time_point now, boot_clock::duration silence) {
  std::vector<log_store::member> found;
  std::unordered_map<std::string, sighting> next;
  for (const auto& one : registered) {
    const auto known = seen_.find(one.id);
    const bool moved = known == seen_.end() || known->second.count != one.count;
    const sighting sighted{one.count, moved ? now : known->second.since};
    if (now - sighted.since > silence) found.push_back(one);
    next.emplace(one.id, sighted);
  }
  seen_ = std::move(next);
  return found;
}

}  // namespace ctxcache::coherence
