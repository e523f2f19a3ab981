#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/timer.hpp"
#include "changes/intake.hpp"

namespace ctxcache::changes {

/// The last outcomes of this process, for those who follow them. Belongs to one executor.
class recent_outcomes {
 public:
  static constexpr std::size_t kept_max = 1'000;

  recent_outcomes(boost::asio::any_io_executor home, const clock& time)
      : home_(std::move(home)), time_(time) {}

  /// Numbers it, from 1, and keeps it.
  [[nodiscard]] outcome note(outcome one);
  /// See intake::recent.
  [[nodiscard]] boost::asio::awaitable<std::vector<outcome>> read_when(std::optional<std::uint64_t> after,
                                                                       std::size_t most, deadline until);
  /// Nobody waits any longer.
  void stop();

 private:
  [[nodiscard]] std::vector<outcome> read(std::optional<std::uint64_t> after, std::size_t most) const;
  void wake();

  const boost::asio::any_io_executor home_;
  const clock& time_;
  std::uint64_t last_ = 0;
  bool stopped_ = false;
  std::deque<outcome> kept_;  // oldest first
  std::vector<std::shared_ptr<timer>> waiting_;
};

}  // namespace ctxcache::changes
