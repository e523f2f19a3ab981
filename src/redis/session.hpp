#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/gate.hpp"
#include "ctxcache/clock.hpp"
#include "redis/pipeline.hpp"

namespace ctxcache::redis {

/// One TCP connection from its first byte to its last: moves bytes between a socket and a pipeline. Commands
/// of concurrent callers are gathered and written together. When the pipeline is poisoned the socket is
/// closed; it is never opened again. Belongs to the socket's executor.
class session : public std::enable_shared_from_this<session> {
 public:
  /// `socket` is connected. The gate must be drained before `time` and the gate end.
  session(boost::asio::ip::tcp::socket socket, const clock& time, gate& background);

  /// Begins to read.
  void start();
  /// A reply for each command. Ends at the deadline at the latest, and the session with it.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<reply>>> run(batch what, deadline until);
  /// What is in flight ends with l2_unavailable. Only the first reason is kept.
  void close(std::string why);
  [[nodiscard]] bool is_open() const { return !why_closed_; }
  /// Waits for the end of the session, and says why it ended.
  [[nodiscard]] boost::asio::awaitable<std::string> closed();

 private:
  struct waiter;

  [[nodiscard]] static boost::asio::awaitable<void> read(std::shared_ptr<session> self);
  [[nodiscard]] static boost::asio::awaitable<void> write_rest(std::shared_ptr<session> self,
                                                               std::size_t written);
  void flush_soon();
  void flush();
  void watch(deadline until);
  void expire();
  void deliver(std::vector<pipeline::answer> answers);

  boost::asio::ip::tcp::socket socket_;
  const clock& time_;
  gate& background_;
  pipeline pipeline_;
  std::unordered_map<pipeline::ticket, std::shared_ptr<waiter>> waiters_;
  boost::asio::steady_timer expiry_;  // one for all commands: the earliest deadline
  deadline watched_;                  // what expiry_ waits for
  boost::asio::steady_timer ended_;
  std::optional<std::string> why_closed_;
  std::string writing_;
  bool write_under_way_ = false;
  bool flush_due_ = false;
  std::array<char, std::size_t{64} << 10> input_;
};

}  // namespace ctxcache::redis
