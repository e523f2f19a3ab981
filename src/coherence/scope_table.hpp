#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace ctxcache::coherence {

/// The newest invalidation of each scope, under the scope's hash, in memory of a fixed size.
///
/// A bucket is one cache line: three scopes with their sequence numbers, and the highest number of those that
/// had to make room for others. So a scope that is forgotten costs others of its bucket misses, never
/// staleness. Many may read while one writes.
class scope_table {
 public:
  /// `buckets` is a power of two; each takes 64 bytes.
  explicit scope_table(std::size_t buckets);

  /// At least the number of the newest invalidation of that scope; 0 when there was none in its bucket.
  [[nodiscard]] std::uint64_t newest(std::uint64_t scope_hash) const noexcept;
  /// The number of that very scope; 0 when it is not known, or not any more.
  [[nodiscard]] std::uint64_t known(std::uint64_t scope_hash) const noexcept;
  /// Numbers never fall; calls come one at a time.
  void raise(std::uint64_t scope_hash, std::uint64_t sequence) noexcept;
  /// Forgets everything: nobody may rely on the table meanwhile.
  void clear() noexcept;

 private:
  struct cell {
    std::atomic<std::uint64_t> scope_hash{0};
    std::atomic<std::uint64_t> sequence{0};  // 0: the cell is free
  };
  struct alignas(64) bucket {
    std::array<cell, 3> cells;
    std::atomic<std::uint64_t> forgotten{0};
  };

  const std::uint64_t mask_;
  std::unique_ptr<bucket[]> buckets_;
};

}  // namespace ctxcache::coherence
