#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/deadline.hpp"
#include "ctxcache/orchestrator.hpp"

namespace ctxcache::changes {

/// Makes one invalidation of those of one scope that come within a window. None joins an invalidation whose
/// publication has begun: a load might already have read what changed after it. Belongs to one executor.
class merger {
 public:
  /// A window of 0 merges nothing.
  merger(orchestrator& cache, boost::asio::any_io_executor home, std::chrono::milliseconds window,
         const clock& time)
      : cache_(cache), home_(std::move(home)), window_(window), time_(time) {}

  struct merged {
    result<receipt> done{};
    bool joined = false;  ///< another's
  };
  /// As orchestrator::invalidate.
  [[nodiscard]] boost::asio::awaitable<merged> invalidate(invalidation message, deadline until);
  /// Waits for the last; then everything is errc::shutting_down.
  [[nodiscard]] boost::asio::awaitable<void> stop() { return background_.drain(); }

 private:
  using place = std::pair<scope_kind, std::string>;
  struct pending {
    invalidation message;
    deadline until;  // of the most patient
    std::optional<result<receipt>> done{};
    std::vector<std::shared_ptr<timer>> waiting{};
  };

  [[nodiscard]] boost::asio::awaitable<void> publish(std::shared_ptr<pending> one);
  [[nodiscard]] boost::asio::awaitable<result<receipt>> end_of(std::shared_ptr<pending> one, deadline until);

  orchestrator& cache_;
  const boost::asio::any_io_executor home_;
  const std::chrono::milliseconds window_;
  const clock& time_;
  std::map<place, std::shared_ptr<pending>> open_;  // not yet published
  gate background_;
};

}  // namespace ctxcache::changes
