#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "ctxcache/clock.hpp"
#include "ctxcache/error.hpp"

namespace ctxcache {

/// At most so many loads at a time, over all lanes, and a bounded line behind them. Whom the most readers
/// wait for comes first; of equals, the oldest. Over the line's bound the last of that order is sent away.
/// Safe to call from every thread; it must outlive its slots.
class load_budget {
 public:
  static constexpr std::size_t line_per_slot = 16;  ///< the line holds so many loads for each that may run

  explicit load_budget(std::size_t running_max) : running_max_(running_max) {}
  load_budget(const load_budget&) = delete;
  load_budget& operator=(const load_budget&) = delete;

  /// The right to load, given back by its destructor: to the first in line if there is one.
  class slot {
   public:
    explicit slot(load_budget& of) : of_(&of) {}
    slot(slot&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    slot& operator=(slot&&) = delete;
    ~slot() {
      if (of_ != nullptr) of_->leave();
    }

   private:
    load_budget* of_;
  };

  /// Names a place in line; the lower, the older. Never 0.
  using ticket = std::uint64_t;
  [[nodiscard]] ticket next_ticket();

  /// A slot, waited for if need be. errc::overloaded when the line is full of others who come before, or
  /// when patience ends first; shutting_down once closed.
  [[nodiscard]] boost::asio::awaitable<result<slot>> enter(ticket mine, std::size_t readers,
                                                           boot_clock::duration patience);
  /// A slot if there is one that nobody waits for.
  [[nodiscard]] std::optional<slot> try_enter();
  /// So many readers wait now for whoever holds that place; nothing when it is no longer in line.
  void readers_wait(ticket place, std::size_t readers);

  /// When it shrinks, those who run end as usual.
  void resize(std::size_t running_max);
  /// Sends away those in line, and all who come later.
  void close();

  [[nodiscard]] std::size_t running() const;
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct waiter;
  struct rank {
    std::size_t readers;
    ticket place;
    /// Whether this one's turn is before the other's.
    friend bool operator<(const rank& a, const rank& b) {
      return a.readers != b.readers ? a.readers > b.readers : a.place < b.place;
    }
  };

  [[nodiscard]] bool has_free_slot() const { return !closed_ && running_ < running_max_; }
  void leave();
  void admit();
  void take_out(const rank& one);
  void shed();

  mutable std::mutex mutex_;
  std::size_t running_max_;  // Guarded by mutex_, as all below.
  std::size_t running_ = 0;
  ticket last_ticket_ = 0;
  bool closed_ = false;
  std::map<ticket, std::shared_ptr<waiter>> line_;
  std::set<rank> order_;  // of those in line
};

}  // namespace ctxcache
