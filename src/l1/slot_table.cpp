#include "l1/slot_table.hpp"

#include <utility>

namespace ctxcache::l1 {

void slot_table::insert(std::uint32_t tag, slot_id slot) noexcept {
  std::size_t at = tag & mask_;
  while (cells_[at].slot != no_slot) at = after(at);
  cells_[at] = {.tag = tag, .slot = slot};
  ++used_;
}

void slot_table::erase(std::uint32_t tag, slot_id slot) noexcept {
  std::size_t hole = tag & mask_;
  while (cells_[hole].slot != slot) hole = after(hole);
  // Closes the hole by moving back each later cell of the run whose home is not behind the hole (Knuth,
  // volume 3, algorithm 6.4 R), so that no tombstones lengthen later probes.
  for (std::size_t at = after(hole); cells_[at].slot != no_slot; at = after(at)) {
    const std::size_t from_home = (at - cells_[at].tag) & mask_;
    const std::size_t from_hole = (at - hole) & mask_;
    if (from_home >= from_hole) {
      cells_[hole] = cells_[at];
      hole = at;
    }
  }
  cells_[hole] = {};
  --used_;
}

void slot_table::grow() {
  const std::vector<cell> old = std::exchange(cells_, std::vector<cell>(cells_.size() * 2));
  mask_ = cells_.size() - 1;
  used_ = 0;
  for (const cell& each : old) {
    if (each.slot != no_slot) insert(each.tag, each.slot);
  }
}

}  // namespace ctxcache::l1
