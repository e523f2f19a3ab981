#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "changes/consumer.hpp"
#include "changes/intake.hpp"
#include "config/daemon_config.hpp"
#include "ctxcache/change_source.hpp"
#include "ctxcache/customer_list.hpp"
#include "ctxcache/orchestrator.hpp"
#include "ctxcache/shared_store.hpp"
#include "http/server.hpp"
#include "warming/recent_latency.hpp"
#include "warming/scheduler.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::daemon {

struct named_source {
  std::string name;
  std::unique_ptr<change_source> source;
};

struct upkeep_parts {
  boost::asio::any_io_executor home;     ///< of all of it; of one thread
  std::shared_ptr<shared_store> shared;  ///< on `home`
  std::map<std::string, std::shared_ptr<customer_list>> segments;
  std::vector<named_source> sources;       ///< on `home`
  std::function<duration_counts()> reads;  ///< how long live reads took since the start; from any thread
  std::function<duration_counts()> lag;    ///< and how long what arrives had to wait before
};

/// What keeps the cache right and warm by itself: change events, jobs, schedules.
class upkeep {
 public:
  /// Throws boost::system::system_error (errc::invalid_config) for schedules and secrets that cannot work.
  upkeep(orchestrator& cache, const config::daemon_config& config, upkeep_parts with);
  upkeep(const upkeep&) = delete;
  upkeep& operator=(const upkeep&) = delete;

  /// Warms L1 with what was hot before, which is bounded in time; then consumes and schedules.
  [[nodiscard]] boost::asio::awaitable<void> begin();
  /// In the opposite order. The cache still runs.
  [[nodiscard]] boost::asio::awaitable<void> stop();

  /// What the HTTP face needs of it.
  void show_in(http::server_parts& parts);

 private:
  [[nodiscard]] std::chrono::microseconds live_p99(std::chrono::seconds span);
  [[nodiscard]] std::vector<http::source_status> sources() const;
  [[nodiscard]] std::vector<http::schedule_status> schedules() const;

  const std::string holder_;  // of leases: this start of this process
  const std::shared_ptr<shared_store> shared_;
  warming::recent_latency reads_;
  warming::recent_latency lag_;
  std::vector<changes::signer> signers_;
  std::optional<warming::warmer> warmer_;
  std::optional<warming::scheduler> scheduler_;
  std::optional<changes::intake> intake_;
  std::vector<std::unique_ptr<changes::consumer>> consumers_;
};

}  // namespace ctxcache::daemon
