#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"
#include "ctxcache/lookup.hpp"

namespace ctxcache::flight {

/// How a load ended.
struct landing {
  result<lookup> answer = errc::internal;
  bool l2_missed = false;  ///< L2 was asked in vain
};

/// One load of one key, and those who wait for it. Belongs to the executor of its table, like everything
/// here.
class flight {
 public:
  using seat = std::list<std::function<void()>>::iterator;

  /// `wake` is called once, when the load lands, unless the seat is left before.
  [[nodiscard]] seat board(std::function<void()> wake);
  /// Gives a seat back before the landing; a caller that goes away cancels nothing else.
  void leave(seat taken);

  [[nodiscard]] bool landed() const { return landing_.has_value(); }
  /// How it ended; only once landed.
  [[nodiscard]] const landing& outcome() const;
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  /// Its place in the line of loads that may not run yet; 0: it is not in line.
  [[nodiscard]] std::uint64_t in_line() const { return in_line_; }
  void line_up(std::uint64_t place) { in_line_ = place; }

 private:
  friend class table;
  void land(landing how);

  std::list<std::function<void()>> waiting_;
  std::optional<landing> landing_;
  std::uint64_t in_line_ = 0;
};

/// The loads under way, at most one for a key.
class table {
 public:
  struct joined {
    std::shared_ptr<flight> on;
    bool leads = false;  ///< the caller is the first and must see to it that `land` is called
  };

  [[nodiscard]] joined join(const key& wanted);
  [[nodiscard]] bool contains(const key& wanted) const { return flights_.contains(wanted.text()); }
  /// Takes the key's flight off the table, then wakes everyone who waits for it.
  void land(const key& wanted, landing how);
  [[nodiscard]] std::size_t size() const { return flights_.size(); }

 private:
  std::unordered_map<std::string, std::shared_ptr<flight>> flights_;
};

}  // namespace ctxcache::flight
