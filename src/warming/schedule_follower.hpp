#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <mutex>
#include <optional>
#include <string>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "warming/schedule_record.hpp"
#include "warming/scheduler.hpp"

namespace ctxcache::warming {

/// One schedule: waits for its times and events, and starts its jobs. Belongs to the executor of the shared
/// store, but for `status`.
class schedule_follower {
 public:
  /// `process` tells this start of this process from all others. References outlive the follower.
  schedule_follower(schedule_spec spec, const scheduler::parts& with, const std::string& process,
                    const gate& background);

  /// Until the gate is closed; `wake` then, so that it is seen at once.
  [[nodiscard]] boost::asio::awaitable<void> follow();
  void wake() { pause_.cancel(); }
  void heard(std::string type);

  [[nodiscard]] bool listens_to(std::string_view type) const;
  /// Safe to call from every thread.
  [[nodiscard]] schedule_status status() const;

 private:
  using instant = schedule::instant;
  using decision = schedule::plan::decision;

  [[nodiscard]] boost::asio::awaitable<void> look();
  [[nodiscard]] boost::asio::awaitable<void> learn();
  [[nodiscard]] boost::asio::awaitable<void> take(decision todo);
  [[nodiscard]] boost::asio::awaitable<void> take_under_lease(decision todo);
  [[nodiscard]] boost::asio::awaitable<void> start(schedule_record claim);
  [[nodiscard]] boost::asio::awaitable<void> answer_event();
  [[nodiscard]] boost::asio::awaitable<result<std::string>> start_job(std::string asked_by);

  [[nodiscard]] boost::asio::awaitable<result<std::optional<schedule_record>>> read();
  [[nodiscard]] boost::asio::awaitable<result<bool>> write(schedule_record record);
  [[nodiscard]] boost::asio::awaitable<void> rest(boot_clock::duration wait);

  [[nodiscard]] decision decide();
  [[nodiscard]] bool speaks_of_us(const schedule_record& record) const;
  [[nodiscard]] boot_clock::duration until_next() const;
  [[nodiscard]] instant now() const;
  [[nodiscard]] deadline soon() const;
  void show(const schedule_record& record);
  void trouble(std::string why);  // empty: none any more

  const schedule_spec spec_;
  const scheduler::parts& with_;
  const std::string& process_;
  const gate& background_;
  const lease lease_;
  timer pause_;

  bool known_ = false;            // what the fleet remembers has been read
  instant last_;                  // the latest occurrence that is settled, or when counting began
  std::optional<instant> alarm_;  // when something will be due
  std::string event_;             // to be answered; empty: none
  time_point heard_at_{};
  time_point not_before_{};  // events

  mutable std::mutex mutex_;
  schedule_status status_;  // guarded by mutex_
};

}  // namespace ctxcache::warming
