#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "ctxcache/orchestrator.hpp"
#include "warming/job_state.hpp"
#include "warming/pace.hpp"
#include "warming/tally.hpp"

namespace ctxcache::warming {

/// Warms the entries of a page of customers, as fast as the pace allows, and counts them in the job's state.
/// Belongs to one executor, of one thread; all that it is given outlives it.
class page_loader {
 public:
  /// Of the keys that are warm after it, so many are remembered.
  static constexpr std::size_t keys_remembered_max = 5'000;

  page_loader(orchestrator& cache, const clock& time, boost::asio::any_io_executor home, gate& background,
              job_state& state, pace& speed, tally& counted);

  struct plan {
    bool refresh = false;                         ///< load also what is warm
    std::chrono::milliseconds expires_within{0};  ///< and not for longer than that: it is loaded as well
    bool counts_customers = true;                 ///< false where they have been counted before
  };
  /// Returns when all of the page are loaded, already warm, or have failed; or soon after `stop`.
  [[nodiscard]] boost::asio::awaitable<void> load(std::vector<std::string> ids, plan how);

  /// Begins no load from then on, until it is told a later time.
  void allow_until(time_point end) {
    allowed_until_ = end;
    changed_.cancel();
  }
  [[nodiscard]] time_point allowed_until() const { return allowed_until_; }
  /// For good.
  void stop() {
    stopped_ = true;
    changed_.cancel();
  }
  /// The last error of a provider.
  [[nodiscard]] const std::string& last_error() const { return last_error_; }
  /// The first that are warm, of all pages.
  [[nodiscard]] const std::vector<key>& keys() const { return keys_; }

 private:
  struct attempt {
    key wanted;
    int number = 1;
  };

  [[nodiscard]] boost::asio::awaitable<void> load_some(std::vector<key> wanted, plan how);
  [[nodiscard]] boost::asio::awaitable<void> load_waiting();
  [[nodiscard]] boost::asio::awaitable<void> load_one(attempt what);
  [[nodiscard]] boost::asio::awaitable<void> wait(time_point until);
  [[nodiscard]] std::vector<key> keys_of(const std::string& id);
  [[nodiscard]] warm_mark next_mark();
  void note(attempt what, const result<void>& outcome);
  [[nodiscard]] bool has_room() const;
  void fail(failed_customer what);
  void remember(const key& one);

  orchestrator& cache_;
  const clock& time_;
  const boost::asio::any_io_executor home_;
  gate& background_;
  job_state& state_;
  pace& pace_;
  tally& counted_;
  timer changed_;
  std::deque<attempt> waiting_;
  std::unordered_set<std::string> unknown_;  // customers of this page
  std::size_t running_ = 0;
  bool counts_customers_ = true;
  bool stopped_ = false;
  time_point allowed_until_ = time_point::max();
  std::string last_error_;
  std::vector<key> keys_;
};

}  // namespace ctxcache::warming
