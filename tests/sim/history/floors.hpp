#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ctxcache::history {

/// What versions a reader may no longer get from a place on: a place is a time, or a number in the log.
template <class Place>
class floors {
 public:
  struct floor {
    Place from{};
    std::uint64_t version = 0;
    std::size_t why = 0;  ///< the event that it comes from
  };

  void add(floor one) { all_.push_back(one); }
  /// After the last `add`, before the first look.
  void settle() {
    std::ranges::stable_sort(all_, {}, &floor::from);
    for (std::size_t i = 1; i < all_.size(); ++i) {
      if (all_[i - 1].version < all_[i].version) continue;
      all_[i].version = all_[i - 1].version;
      all_[i].why = all_[i - 1].why;
    }
  }
  /// The highest floor of all that begin before `place`.
  [[nodiscard]] std::optional<floor> before(const Place& place) const {
    const auto after = std::ranges::lower_bound(all_, place, {}, &floor::from);
    if (after == all_.begin()) return std::nullopt;
    return *std::prev(after);
  }
  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  std::vector<floor> all_;
};

}  // namespace ctxcache::history
