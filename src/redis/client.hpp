#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/deadline.hpp"
#include "redis/connection.hpp"
#include "redis/scripts.hpp"

namespace ctxcache::redis {

/// A connection, and what back ends over one do alike: one question after the other, scripts by their names,
/// and what to make of an answer that is none. Belongs to one executor.
class client {
 public:
  /// As a connection: `time` outlives this object, `stop` comes before its end.
  client(boost::asio::any_io_executor home, connection::options with, const clock& time);

  /// The answer to a batch of one command; an error of the server is an answer. Errors: l2_timeout,
  /// l2_unavailable.
  [[nodiscard]] boost::asio::awaitable<result<reply>> ask(batch question, deadline until);
  /// What a script returns. `words`: the number of keys, the keys, the arguments. They are borrowed until it
  /// returns.
  [[nodiscard]] boost::asio::awaitable<result<reply>> call(const script& what,
                                                           std::vector<std::string_view> words,
                                                           deadline until);
  [[nodiscard]] boost::asio::awaitable<result<reply>> call(const sturdy_script& what,
                                                           std::vector<std::string_view> words,
                                                           deadline until);
  /// As the connection's.
  [[nodiscard]] error_code unusable(const reply& answer) { return connection_.unusable(answer); }

  [[nodiscard]] std::uint64_t sessions() const { return connection_.sessions(); }
  [[nodiscard]] std::string address() const { return connection_.address(); }
  void leave_replica() { connection_.leave_replica(); }
  [[nodiscard]] boost::asio::awaitable<void> stop() { return connection_.stop(); }

 private:
  const clock& time_;
  connection connection_;
  std::uint64_t old_in_ = 0;  // the session whose server turned out to know no flags
};

}  // namespace ctxcache::redis
