#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "changes/intake.hpp"
#include "ctxcache/change_source.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache::changes {

struct consumer_times {
  std::chrono::milliseconds term{5'000};     ///< of the lease: another daemon takes over after it
  std::chrono::milliseconds renewal{1'500};  ///< how often the lease is asked for
  std::chrono::milliseconds backoff{100};    ///< after a failure; doubled by each, up to the next
  std::chrono::milliseconds backoff_max{5'000};
};

struct consumer_parts {
  std::string name;  ///< of the source in the configuration: one daemon of the fleet consumes it
  std::unique_ptr<change_source> source;
  std::shared_ptr<shared_store> shared;
  std::string holder;  ///< of leases: names this start of the process
  /// Of the source, the shared store and the intake's home.
  boost::asio::any_io_executor home;
  const clock* time = &machine_clock();
  consumer_times times{};
};

/// Applies what a source says, as long as this process holds the lease of it. A batch is confirmed when each
/// of its changes has taken effect, or never can; while the intake fails, it is tried again. The lease's last
/// term is used to its end when the shared store cannot be asked, no longer.
class consumer {
 public:
  consumer(intake& into, consumer_parts with);
  ~consumer();
  consumer(const consumer&) = delete;
  consumer& operator=(const consumer&) = delete;

  /// Once.
  void begin();
  /// Ends what is under way and gives the lease back. Call it before the intake's and the store's.
  [[nodiscard]] boost::asio::awaitable<void> stop();

  struct status {
    std::string name;
    std::string source;                 ///< what it is and where, without secrets
    bool holding = false;               ///< this process consumes it
    std::uint64_t applied = 0;          ///< changes confirmed
    std::optional<error_code> error{};  ///< what keeps it from going on just now
    std::chrono::system_clock::time_point error_since{};
  };
  /// From any thread.
  [[nodiscard]] status report() const;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace ctxcache::changes
