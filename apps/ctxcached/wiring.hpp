#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "config/daemon_config.hpp"
#include "ctxcache/orchestrator.hpp"
#include "ctxcached/upkeep.hpp"
#include "http/server.hpp"
#include "providers/composite.hpp"

namespace ctxcache::daemon {

/// The running daemon: one event loop per thread, and on them what the configuration says.
class wiring {
 public:
  /// Connects everything and binds the port. Throws boost::system::system_error with a message for the
  /// operator.
  explicit wiring(const config::daemon_config& config);
  ~wiring();
  wiring(const wiring&) = delete;
  wiring& operator=(const wiring&) = delete;

  [[nodiscard]] orchestrator& cache() { return *cache_; }
  [[nodiscard]] int port() const { return server_->port(); }
  /// The loop on which signals are waited for.
  [[nodiscard]] boost::asio::io_context& first_loop() { return *loops_.front(); }

  /// Joins the fleet, then serves until `stop` has been carried out; the caller's thread is one of the
  /// threads. Throws boost::system::system_error when it cannot begin.
  void run();
  /// Answers what is under way, then ends everything.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  using loop = boost::asio::io_context;

  void make_providers(const config::daemon_config& config);
  [[nodiscard]] providers::composite_options sections_of(const config::daemon_config& config) const;
  [[nodiscard]] std::unique_ptr<l2_cache> make_l2(const config::daemon_config& config, loop& home) const;
  [[nodiscard]] std::unique_ptr<log_store> make_log(const config::daemon_config& config, loop& home) const;
  [[nodiscard]] std::unique_ptr<roll_call> make_roll_call(const config::daemon_config& config,
                                                          loop& home) const;
  [[nodiscard]] http::server_parts server_parts();
  // In wiring_upkeep.cpp.
  [[nodiscard]] upkeep_parts upkeep_parts_of(const config::daemon_config& config);
  [[nodiscard]] std::shared_ptr<customer_list> make_segment(const config::segment_config& from,
                                                            const config::daemon_config& config) const;
  [[nodiscard]] std::unique_ptr<change_source> make_source(const config::source_config& from,
                                                           const config::daemon_config& config,
                                                           const std::shared_ptr<shared_store>& shared);
  [[nodiscard]] boost::asio::awaitable<void> begin();
  [[nodiscard]] boost::asio::awaitable<void> end_all();
  void end_unstarted();

  std::vector<std::unique_ptr<loop>> loops_;
  std::map<std::string, std::shared_ptr<provider>> providers_;
  std::shared_ptr<providers::composite> source_;
  std::unique_ptr<orchestrator> cache_;
  std::unique_ptr<upkeep> upkeep_;
  std::unique_ptr<http::server> server_;
  gate beginning_;
  gate ending_;
  bool stopping_ = false;
  boost::system::error_code failure_;
};

}  // namespace ctxcache::daemon
