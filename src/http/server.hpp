#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "changes/intake.hpp"
#include "changes/signatures.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/orchestrator.hpp"
#include "ctxcache/provider.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::http {

struct server_options {
  std::string address = "127.0.0.1";  ///< numeric
  std::uint16_t port = 8000;          ///< 0: any free one
  std::size_t max_body_bytes = std::size_t{1} << 20;
  std::size_t max_connections = 10'000;
  std::chrono::milliseconds request_timeout{15'000};
  std::chrono::milliseconds header_timeout{10'000};  ///< from a request's first byte to its header's last
  std::chrono::milliseconds body_timeout{30'000};    ///< for a body, and for a caller to take what is written
  std::chrono::milliseconds idle_timeout{60'000};    ///< between two requests
  std::chrono::milliseconds drain_timeout{10'000};
  std::chrono::milliseconds sweep_interval{1'000};  ///< how often the times above are looked at
  std::string version = CTX_VERSION;
};

struct provider_status {
  std::string name;
  provider::health health;
};

/// What one provider was asked since the start.
struct provider_metrics {
  std::string name;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  histogram::snapshot took;
};

/// How this process stands to one source of change events.
struct source_status {
  std::string name;
  bool held = false;          ///< this process consumes it; else another does
  bool up = true;             ///< the last try to read it went well
  std::string detail{};       ///< why not
  std::uint64_t applied = 0;  ///< events taken from it here
};

/// How a schedule stands, as far as this process knows.
struct schedule_status {
  std::string name;
  std::optional<std::chrono::system_clock::time_point> next{};  ///< nullopt: an event starts it, or nothing
  bool up = true;                                               ///< its last run, if any, was begun
  std::string detail{};                                         ///< of the last run, or why there was none
};

/// Functions are called from any thread; an empty one says that there is nothing of that kind.
struct server_parts {
  std::vector<boost::asio::any_io_executor> lanes;  ///< at least one; each of one thread
  std::function<std::vector<provider_status>()> providers;
  std::function<std::vector<provider_metrics>()> metrics;
  changes::intake* intake = nullptr;       ///< null: no events are taken; outlives the server, as the next
  std::vector<changes::signer> signers{};  ///< empty: events need no signature
  warming::warmer* warmer = nullptr;       ///< null: nothing is warmed
  std::function<std::vector<source_status>()> sources;
  std::function<std::vector<schedule_status>()> schedules;
  const clock* time = &machine_clock();
};

struct service;
class lane;

/// The HTTP face of an orchestrator: an acceptor on every lane, all on one port.
///
/// The orchestrator and the lanes' loops outlive it; `drain` has ended before its destruction.
class server {
 public:
  /// Binds and listens; throws boost::system::system_error when it cannot, also when somebody else listens.
  server(server_options options, orchestrator& cache, server_parts parts);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  [[nodiscard]] int port() const { return port_; }
  /// How long reads of contexts took since the start. From any thread.
  [[nodiscard]] duration_counts reads() const;
  /// How long what arrives waits until its lane comes to it, of samples since the start. From any thread.
  [[nodiscard]] duration_counts loop_lag() const;
  /// Begins to accept. Call it once.
  void start();
  /// Takes no new connection, closes the idle ones, answers what is under way for at most `drain_timeout`,
  /// then closes the rest, whose handlers end by their deadlines. `/readyz` says 503 from now on. Call it at
  /// most once, on one of the lanes.
  [[nodiscard]] boost::asio::awaitable<void> drain();

 private:
  std::unique_ptr<service> service_;
  std::vector<std::unique_ptr<lane>> lanes_;
  int port_ = 0;
};

}  // namespace ctxcache::http
