#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "base/counters.hpp"
#include "base/timer.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/deadline.hpp"
#include "ctxcache/log_message.hpp"

namespace ctxcache {

/// The messages that this process applied last, for those who ask what was invalidated, and how late each
/// came. Safe to call from every thread; no read of the cache touches it.
class applied_messages {
 public:
  static constexpr std::size_t kept_max = 1'000;

  explicit applied_messages(const clock& time) : time_(time) {}

  /// How they came: `joining` read what had been in the log before.
  enum class by { tail, joining };
  /// All up to `reached` have been applied; `came`, in the order of the log, may begin before what is known
  /// here and go on behind it.
  void take(std::span<const log_message> came, const position& reached, by how);

  /// The oldest `most` of those behind `after`; without it the newest. An `after` of which nothing is known
  /// here, as of another epoch, is before all of them.
  [[nodiscard]] applied_page read(const std::optional<position>& after, std::size_t most) const;
  /// The same once there is one, at the latest then.
  [[nodiscard]] boost::asio::awaitable<applied_page> read_when(std::optional<position> after,
                                                               std::size_t most, deadline until);

  [[nodiscard]] duration_counts lags() const noexcept { return lags_.read(); }

 private:
  struct waiter {
    boost::asio::any_io_executor home;
    std::shared_ptr<timer> pause;  // touched on `home` only
  };
  using messages = std::deque<applied_message>;

  [[nodiscard]] applied_message noted(const log_message& one, wall_time now, by how);
  [[nodiscard]] applied_page read_locked(const std::optional<position>& after, std::size_t most) const;
  [[nodiscard]] messages::const_iterator behind(const position& after) const;
  [[nodiscard]] std::list<waiter>::iterator board(waiter one);
  void leave(std::list<waiter>::iterator seat);

  const clock& time_;
  histogram lags_;

  mutable std::mutex mutex_;
  messages kept_;              // Guarded by mutex_. Oldest first.
  position reached_;           // Guarded by mutex_.
  std::list<waiter> waiting_;  // Guarded by mutex_.
};

}  // namespace ctxcache
