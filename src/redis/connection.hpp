#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "ctxcache/clock.hpp"
#include "redis/refusals.hpp"
#include "redis/resp.hpp"
#include "redis/session.hpp"
#include "redis/topology.hpp"

namespace ctxcache::redis {

/// Stays connected to a server: one session after the other, with a growing pause between attempts. Commands
/// of concurrent callers share the session. Belongs to one executor.
class connection {
 public:
  struct options {
    server where;
    std::string client_name;
    std::chrono::milliseconds connect_timeout;  ///< for one attempt: name, TCP, AUTH
    std::chrono::milliseconds reconnect_min;
    std::chrono::milliseconds reconnect_max;
  };

  /// Starts to connect at once. `time` outlives this object; `stop` comes before its end.
  connection(boost::asio::any_io_executor home, options with, const clock& time);
  ~connection();

  /// A reply for each command, in order; an error of the server is a reply. Errors: l2_timeout at the
  /// deadline; overloaded when too much is in flight; l2_unavailable at once without a session, or when the
  /// session ends first. While the very first attempt to connect is under way, it is waited for.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<reply>>> run(batch what, deadline until);

  /// How many sessions there have been, this one included. What a server knows of a connection (its name, its
  /// last write) ends with the session.
  [[nodiscard]] std::uint64_t sessions() const { return sessions_; }

  /// What an answer of the wrong kind means: l2_failed for an error of the server, which is logged; else it
  /// is no answer to what was asked, and then so may be all that follow: l2_unavailable, and the session
  /// ends.
  [[nodiscard]] error_code unusable(const reply& answer);
  /// Ends the session, because its server is a replica: after a failover the name leads to another one. Not
  /// before it has lasted for 5 s: until the name does, and where it never will, that is once in a while.
  void leave_replica();

  struct health {
    bool up = false;
    std::string last_error{};  ///< why there is no session, or why the last one ended
  };
  /// Callable on every thread.
  [[nodiscard]] health report() const;
  [[nodiscard]] std::string address() const { return with_.where.address(); }

  /// Commands under way end with l2_unavailable; returns when nothing runs any more.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  struct attempt;
  class presence;

  [[nodiscard]] boost::asio::awaitable<void> stay_connected();
  [[nodiscard]] boost::asio::awaitable<void> keep_one_session();
  [[nodiscard]] boost::asio::awaitable<result<void>> connect();
  [[nodiscard]] boost::asio::awaitable<result<void>> greet(deadline until);
  [[nodiscard]] boost::asio::awaitable<void> first_attempt(deadline until);
  void end_first_attempt();
  void set_ready(bool ready);
  [[nodiscard]] std::chrono::milliseconds next_pause();
  void failed(std::string why);

  boost::asio::any_io_executor home_;
  options with_;
  const clock& time_;
  std::shared_ptr<attempt> attempt_;  // while connecting
  std::shared_ptr<session> session_;
  std::uint64_t sessions_ = 0;
  time_point session_since_{};
  bool ready_ = false;  // session_ has been let in
  bool stopping_ = false;
  bool first_attempt_over_ = false;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> early_;  // callers that wait for the first attempt
  boost::asio::steady_timer pause_;
  std::chrono::milliseconds pause_next_;
  std::minstd_rand jitter_;
  mutable std::mutex health_mutex_;
  health health_;                // Guarded by health_mutex_.
  bool failure_logged_ = false;  // since the last session
  std::size_t calls_ = 0;        // of run, under way
  refusals refusals_;
  gate background_;
};

}  // namespace ctxcache::redis
