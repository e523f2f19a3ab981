#pragma once

#include "l1/lru.hpp"

namespace ctxcache::l1 {

inline constexpr std::size_t part_bits = 4;
inline constexpr std::size_t parts = std::size_t{1} << part_bits;
/// When an entry was used that nobody has asked for: before all others.
inline constexpr std::uint64_t never_used = 0;

struct alignas(64) lru::part {
  mutable spin_lock lock;  // guards what follows, but for the shard's published figures
  slot_id swept = 0;       // the slot where the next sweep goes on
  shard entries;
};

}  // namespace ctxcache::l1
