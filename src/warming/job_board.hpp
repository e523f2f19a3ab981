#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/shared_store.hpp"
#include "warming/job_state.hpp"

namespace ctxcache::warming {

/// The jobs of the fleet as they stand in its shared store:
///
///     lease warm/job/ID         of the process that runs the job
///     lease warm/segment/NAME   of the job that warms the segment
///     fact  warm/ID             its state, for a day after it was last written
///     fact  warm/ID/ids/N       the ids that were ordered, 1,000 each; gone at its end
///     fact  warm/ID/cancel      somebody wants it to end
///     list  warm/open           ids of the jobs that have not ended
///
/// Belongs to the executor of the store. References are to what outlives the call.
class job_board {
 public:
  /// How long a process may be silent before another takes its jobs up.
  static constexpr std::chrono::seconds term{6};

  /// `process` tells this start of this process from all others.
  job_board(std::shared_ptr<shared_store> shared, const clock& time, std::string process)
      : shared_(std::move(shared)), time_(time), process_(std::move(process)) {}

  [[nodiscard]] const std::string& process() const { return process_; }

  /// Takes or prolongs the leases of a job and of its segments. False: another has one of them.
  [[nodiscard]] boost::asio::awaitable<result<bool>> hold(const job_report& job);
  /// Gives back those it has.
  [[nodiscard]] boost::asio::awaitable<void> release(const job_report& job);

  /// Makes a job known whose leases are held.
  [[nodiscard]] boost::asio::awaitable<result<void>> announce(const job_state& state,
                                                              const std::vector<std::string>& ids);
  /// The same again, if it is not known any more.
  [[nodiscard]] boost::asio::awaitable<void> make_sure(const job_state& state,
                                                       const std::vector<std::string>& ids);
  /// False when the lease of the job is lost.
  [[nodiscard]] boost::asio::awaitable<result<bool>> write(const job_state& state);
  /// Forgets the ids of a job that has been written as ended, and strikes it out of the open ones. Call it
  /// when the job is among the ended ones, so that it is in one of the lists at any time.
  [[nodiscard]] boost::asio::awaitable<void> close(const job_report& job);
  /// Strikes out of the open jobs one that has ended or is not known any more.
  [[nodiscard]] boost::asio::awaitable<void> strike(std::string id);

  [[nodiscard]] boost::asio::awaitable<result<std::optional<job_state>>> read(std::string id, deadline until);
  /// The ids that were ordered.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<std::string>>> ids(const job_report& job);
  /// The oldest first.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<std::string>>> open(deadline until);
  /// The open job that warms one of these segments.
  [[nodiscard]] boost::asio::awaitable<result<std::optional<job_report>>> warming(
      std::vector<std::string> segments, deadline until);

  [[nodiscard]] boost::asio::awaitable<result<void>> ask_to_cancel(std::string id, deadline until);
  [[nodiscard]] boost::asio::awaitable<result<bool>> asked_to_cancel(std::string id);

 private:
  [[nodiscard]] std::vector<lease> leases(const job_report& job) const;
  [[nodiscard]] lease job_lease(const std::string& id) const;
  [[nodiscard]] deadline soon() const;

  std::shared_ptr<shared_store> shared_;
  const clock& time_;
  const std::string process_;
};

}  // namespace ctxcache::warming
