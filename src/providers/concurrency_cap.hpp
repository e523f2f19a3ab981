#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <list>
#include <utility>

#include "ctxcache/clock.hpp"
#include "ctxcache/error.hpp"

namespace ctxcache::providers {

/// At most so many at a time, and a bounded line behind them, first come first served. All of it belongs to
/// one serial executor.
class concurrency_cap {
 public:
  struct limits {
    std::size_t running;
    std::size_t waiting;
  };
  explicit concurrency_cap(limits at_most) : limits_(at_most) {}
  concurrency_cap(const concurrency_cap&) = delete;
  concurrency_cap& operator=(const concurrency_cap&) = delete;

  /// The right to run, given back by its destructor: to the first in line if there is one.
  class slot {
   public:
    explicit slot(concurrency_cap& of) : of_(&of) {}
    slot(slot&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    slot& operator=(slot&&) = delete;
    ~slot() {
      if (of_ != nullptr) of_->leave();
    }

   private:
    concurrency_cap* of_;
  };

  /// errc::overloaded when the line is full, provider_timeout when its turn did not come in time,
  /// shutting_down once closed.
  [[nodiscard]] boost::asio::awaitable<result<slot>> enter(time_point until);

  /// Sends away those in line, and all who come later.
  void close();
  /// Closes, then returns when nobody runs any more.
  [[nodiscard]] boost::asio::awaitable<void> drain();

  [[nodiscard]] std::size_t running() const { return running_; }
  [[nodiscard]] std::size_t waiting() const { return line_.size(); }

 private:
  struct waiter;
  void leave();

  limits limits_;
  std::size_t running_ = 0;
  bool closed_ = false;
  std::list<waiter*> line_;
};

}  // namespace ctxcache::providers
