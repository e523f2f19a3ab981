#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ctxcache::l1 {

/// The number of a node in its slab.
using slot_id = std::uint32_t;
inline constexpr slot_id no_slot = ~slot_id{0};

/// Finds slots by a 32-bit tag of their key's hash: open addressing, linear probing, at most half full.
/// A cell's home follows from its tag alone, so neither growing nor erasing looks at a node.
class slot_table {
 public:
  /// The slot with this tag for which `is_it` holds, or no_slot.
  template <class Predicate>
  [[nodiscard]] slot_id find(std::uint32_t tag, Predicate is_it) const noexcept {
    for (std::size_t at = tag & mask_; cells_[at].slot != no_slot; at = after(at)) {
      if (cells_[at].tag == tag && is_it(cells_[at].slot)) return cells_[at].slot;
    }
    return no_slot;
  }
  /// The slot must not be in the table, and there must be room.
  void insert(std::uint32_t tag, slot_id slot) noexcept;
  /// The slot must be in the table under this tag.
  void erase(std::uint32_t tag, slot_id slot) noexcept;

  /// Whether the table is half full: grow before the next insertion.
  [[nodiscard]] bool full() const noexcept { return used_ * 2 >= cells_.size(); }
  void grow();
  [[nodiscard]] std::size_t capacity() const noexcept { return cells_.size(); }

  struct cell {
    std::uint32_t tag = 0;
    slot_id slot = no_slot;
  };

 private:
  static constexpr std::size_t first_capacity = 16;
  [[nodiscard]] std::size_t after(std::size_t at) const noexcept { return (at + 1) & mask_; }

  std::vector<cell> cells_ = std::vector<cell>(first_capacity);  // a power of two
  std::size_t mask_ = first_capacity - 1;
  std::size_t used_ = 0;
};

}  // namespace ctxcache::l1
