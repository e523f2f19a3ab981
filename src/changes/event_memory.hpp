#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "ctxcache/change_source.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/deadline.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache::changes {

/// Which events have been taken within a window, by the fleet and, when the shared store cannot be asked, by
/// this process. Belongs to the store's executor.
class event_memory {
 public:
  static constexpr std::size_t own_max = 100'000;  ///< of this process' own, the oldest are forgotten first

  /// A window of 0 remembers nothing.
  event_memory(std::shared_ptr<shared_store> shared, std::chrono::milliseconds window, const clock& time)
      : shared_(std::move(shared)), window_(window), time_(time) {}

  /// What an event is known by; empty for one that has no id.
  [[nodiscard]] std::string mark_of(const change& one) const;
  /// Whether `remember` was called for the mark within the window.
  [[nodiscard]] boost::asio::awaitable<bool> knows(std::string mark, deadline until);
  [[nodiscard]] boost::asio::awaitable<void> remember(std::string mark, deadline until);

 private:
  void forget_old();
  [[nodiscard]] deadline soon(deadline until) const;

  const std::shared_ptr<shared_store> shared_;
  const std::chrono::milliseconds window_;
  const clock& time_;
  std::unordered_map<std::string, time_point> own_;            // until when
  std::deque<std::pair<time_point, std::string>> in_order_{};  // of `own_`, the soonest to be forgotten first
};

}  // namespace ctxcache::changes
