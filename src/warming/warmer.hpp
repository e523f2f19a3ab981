#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/customer_list.hpp"
#include "ctxcache/orchestrator.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache::warming {

/// What is to be warmed, and how hard.
struct warm_order {
  std::vector<std::string> segments{};      ///< names; one job at a time warms a segment
  std::vector<std::string> customer_ids{};  ///< besides the segments
  std::vector<std::string> agent_types{};   ///< empty: all
  bool refresh = false;                     ///< load also what is warm
  std::size_t concurrency = 0;              ///< loads at a time; 0: as configured
  double loads_per_second = 0;              ///< at most; 0: as configured
  std::string asked_by{};                   ///< "http", "schedule nightly", "event import.completed"
  std::chrono::milliseconds hold{0};        ///< keep it warm so long by refreshing what expires
};

/// A customer that could not be warmed.
struct failed_customer {
  std::string customer_id;
  std::string agent_type;
  std::string error;  ///< the errc's name
};

/// How far a job is.
struct job_report {
  enum class state { running, paused, holding, done, cancelled, failed };
  std::string id;
  std::uint32_t run = 0;
  state now = state::running;
  std::string why{};                     ///< of paused and failed, as a sentence
  warm_order order{};                    ///< what is carried out; without its customer_ids
  std::size_t ids = 0;                   ///< how many customer_ids were ordered, each once
  std::optional<std::size_t> customers;  ///< in all, once it is known
  std::size_t customers_done = 0;
  std::size_t loaded = 0;  ///< entries: a customer has one for each agent type
  std::size_t already_warm = 0;
  std::size_t unknown = 0;  ///< customers that do not exist
  std::size_t failed = 0;
  std::vector<failed_customer> failures{};  ///< the first 100
  double loads_per_second = 0;              ///< lately
  std::size_t concurrency = 0;              ///< now: less than ordered while it backs off
  std::chrono::system_clock::time_point started_at{};
  std::optional<std::chrono::system_clock::time_point> ended_at{};
  std::optional<std::chrono::milliseconds> remaining{};  ///< an estimate
};

/// What a run was good for: one line of `ctxcache warm report`.
struct run_report {
  job_report job;
  std::size_t hit_later = 0;  ///< of `job.loaded` entries, those that were hit before they expired
};

/// What the jobs of one process did since its start. Entries but for `running`.
struct warming_totals {
  std::uint64_t running = 0;  ///< jobs, now
  std::uint64_t loaded = 0;
  std::uint64_t already_warm = 0;
  std::uint64_t failed = 0;
  std::uint64_t hit_later = 0;  ///< in this process, whoever loaded them
};

struct warmer_settings {
  std::size_t concurrency = 16;
  double loads_per_second = 0;                       ///< 0: no limit but the concurrency
  std::chrono::milliseconds expires_within{30'000};  ///< what lives no longer is loaded; half a life at most
  /// Live p99 over which a job backs off where nobody has read before it; else a quarter over what it was.
  std::chrono::milliseconds slow_above{50};
  std::chrono::milliseconds warm_start_budget{2'000};
  std::size_t hot_keys = 1'000;  ///< kept for a warm restart
};

struct warmer_parts {
  boost::asio::any_io_executor home;  ///< of one thread
  std::shared_ptr<shared_store> shared;
  std::map<std::string, std::shared_ptr<customer_list>> segments;
  /// p99 of live reads over the last so many seconds, 0 when there were none; from any thread.
  std::function<std::chrono::microseconds(std::chrono::seconds)> live_p99;
  const clock* time = &machine_clock();
};

/// Loads contexts before they are asked for.
///
/// A job belongs to the process that runs it and is written down in the shared store as it proceeds; when
/// that process ends, another takes it up where it was. Every process may start, watch and cancel every job.
/// Safe to call from every thread. Errors: l2_* when the shared store cannot be asked.
class warmer {
 public:
  warmer(orchestrator& cache, warmer_settings settings, warmer_parts with);
  ~warmer();
  warmer(const warmer&) = delete;
  warmer& operator=(const warmer&) = delete;

  struct started {
    job_report job;
    bool already_running = false;  ///< `job` is another's, which warms one of the segments just now
  };
  /// errc::invalid_request for a segment or agent type that there is not: `refusal` says which.
  [[nodiscard]] boost::asio::awaitable<result<started>> start(warm_order order, deadline until);
  /// Why an order cannot be carried out, as a sentence; empty when it can.
  [[nodiscard]] std::string refusal(const warm_order& order) const;
  /// Null when there is no such job, or it ended over a day ago.
  [[nodiscard]] boost::asio::awaitable<result<std::optional<job_report>>> show(std::string id,
                                                                               deadline until);
  /// The job ends within a second or two. Null when there is no such job; an ended one stays as it is.
  [[nodiscard]] boost::asio::awaitable<result<std::optional<job_report>>> cancel(std::string id,
                                                                                 deadline until);
  /// The last runs, the newest first.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<run_report>>> runs(std::size_t most,
                                                                             deadline until);
  [[nodiscard]] std::vector<std::string> segments() const;
  [[nodiscard]] warming_totals totals() const noexcept;

  /// Takes the hottest keys of before into L1, at most so long as `warm_start_budget`; then takes up jobs
  /// that nobody runs, and keeps the list of hot keys.
  [[nodiscard]] boost::asio::awaitable<void> begin();
  /// Ends what runs here; another process or the next start goes on.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

/// "running", "paused", …
[[nodiscard]] std::string_view name(job_report::state now);

}  // namespace ctxcache::warming
