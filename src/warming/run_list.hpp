#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/shared_store.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::warming {

/// What the last runs of the fleet were good for:
///
///     set  warm/hits/RUN   places of the run's entries that were hit, marked by every process each second
///     list warm/runs       the last 100 runs that ended, as JSON; with `hit_later` once nothing can be added
///
/// Belongs to the executor of the store.
class run_list {
 public:
  run_list(std::shared_ptr<shared_store> shared, const clock& time)
      : shared_(std::move(shared)), time_(time) {}

  /// Adds a run that ended.
  [[nodiscard]] boost::asio::awaitable<result<void>> add(job_report job);
  /// The last that ended, the newest first.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<run_report>>> ended(std::size_t most,
                                                                              deadline until);
  /// How many entries of a run have been hit.
  [[nodiscard]] boost::asio::awaitable<result<std::size_t>> hits(std::uint32_t run, deadline until);

  /// Marks entries that were hit, and those that could not be marked before; entries live that long.
  [[nodiscard]] boost::asio::awaitable<void> credit(std::vector<warm_mark> hit,
                                                    std::chrono::milliseconds entry_life);
  /// Counts once and for all the hits of runs whose entries have expired: the marks do not live for ever. One
  /// process does it.
  [[nodiscard]] boost::asio::awaitable<void> settle(std::chrono::milliseconds entry_life);

 private:
  [[nodiscard]] deadline soon() const;

  std::shared_ptr<shared_store> shared_;
  const clock& time_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> unmarked_;  // places by run
};

}  // namespace ctxcache::warming
