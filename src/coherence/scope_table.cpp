#include "coherence/scope_table.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/assert.hpp"

namespace ctxcache::coherence {
namespace {

// Stands in a cell while its scope is exchanged: whoever sees it takes everything for invalidated.
constexpr std::uint64_t in_transit = std::numeric_limits<std::uint64_t>::max();

}  // namespace

scope_table::scope_table(std::size_t buckets)
    : mask_(buckets - 1), buckets_(std::make_unique<bucket[]>(buckets)) {
  CTX_ASSERT(std::has_single_bit(buckets));
}

std::uint64_t scope_table::known(std::uint64_t scope_hash) const noexcept {
  std::uint64_t found = 0;
  for (const auto& one : buckets_[scope_hash & mask_].cells) {
    if (one.scope_hash.load(std::memory_order_acquire) == scope_hash) {
      found = std::max(found, one.sequence.load(std::memory_order_acquire));
    }
  }
  return found;
}

std::uint64_t scope_table::newest(std::uint64_t scope_hash) const noexcept {
  const auto found = known(scope_hash);
  // Last: whoever sees that a cell has passed to another scope sees here what its scope was forgotten with.
  return std::max(found, buckets_[scope_hash & mask_].forgotten.load(std::memory_order_acquire));
}

void scope_table::raise(std::uint64_t scope_hash, std::uint64_t sequence) noexcept {
  CTX_ASSERT(sequence != 0 && sequence != in_transit);
  auto& in = buckets_[scope_hash & mask_];
  for (auto& one : in.cells) {
    const auto present = one.sequence.load(std::memory_order_relaxed);
    if (present == 0 || one.scope_hash.load(std::memory_order_relaxed) != scope_hash) continue;
    one.sequence.store(std::max(present, sequence), std::memory_order_release);
    return;
  }
  // The oldest gives way; a free cell is the oldest of all.
  auto& oldest = *std::ranges::min_element(
      in.cells, {}, [](const cell& one) { return one.sequence.load(std::memory_order_relaxed); });
  const auto gone = oldest.sequence.load(std::memory_order_relaxed);
  if (gone > in.forgotten.load(std::memory_order_relaxed))
    in.forgotten.store(gone, std::memory_order_release);
  oldest.sequence.store(in_transit, std::memory_order_release);
  oldest.scope_hash.store(scope_hash, std::memory_order_release);
  oldest.sequence.store(sequence, std::memory_order_release);
}

void scope_table::clear() noexcept {
  for (std::uint64_t i = 0; i <= mask_; ++i) {
    for (auto& one : buckets_[i].cells) {
      one.sequence.store(0, std::memory_order_release);
      one.scope_hash.store(0, std::memory_order_release);
    }
    buckets_[i].forgotten.store(0, std::memory_order_release);
  }
}

}  // namespace ctxcache::coherence
