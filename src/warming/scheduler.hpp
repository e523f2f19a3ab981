#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/shared_store.hpp"
#include "schedule/plan.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::warming {

/// What is to be warmed, and when.
struct schedule_spec {
  std::string name;                      ///< one of a kind
  std::optional<schedule::plan> when{};  ///< by the clock
  std::string on_event{};                ///< when a change event of a type like this glob comes; empty: never
  warm_order order{};                    ///< who asked is filled in
};

/// How a schedule stands, as far as this process knows.
struct schedule_status {
  using time = std::chrono::system_clock::time_point;
  struct run {
    time planned;     ///< of an event: when it was heard
    time at;          ///< when it was begun, or skipped
    std::string why;  ///< "planned", "missed", "skipped", "event import.completed"
    std::string job;  ///< empty: none was started
  };
  std::string name;
  std::optional<time> next{};  ///< when its next run begins; none for events
  std::optional<run> last{};
  std::string problem{};  ///< why the last try came to nothing, as a sentence; empty when it did not
};

/// Starts warming by the clock, and after change events.
///
/// Each occurrence is begun by one process of the fleet, at most once: under the lease schedule/NAME it
/// writes into the fact schedule/NAME/last that the occurrence is begun, then starts the job. While the
/// shared store cannot be asked nobody begins; whoever reaches it first does. If that takes longer than
/// plan::window, the run is missed, and `missed` says what then happens. A process that ends between the two
/// steps takes that run with it. A schedule, or timing, that is seen for the first time has missed nothing.
///
/// The wall clock is read again every `look_every`, so that its jumps are seen: see schedule::plan.
class scheduler {
 public:
  using start_job =
      std::function<boost::asio::awaitable<result<warmer::started>>(warm_order order, deadline until)>;
  struct parts {
    boost::asio::any_io_executor home;  ///< of one thread: that of the shared store
    std::shared_ptr<shared_store> shared;
    start_job start;  ///< warmer::start
    const clock* time = &machine_clock();
    std::chrono::milliseconds look_every{2'000};
  };

  scheduler(std::vector<schedule_spec> schedules, parts with);
  ~scheduler();
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;

  /// Once. Safe to call from every thread, as the rest.
  void begin();
  /// A change event of that type has taken effect. Several for one schedule within 10 s are one.
  void heard(const std::string& type);
  [[nodiscard]] std::vector<schedule_status> status() const;
  /// Jobs that have been started go on. Call it before destruction.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace ctxcache::warming
