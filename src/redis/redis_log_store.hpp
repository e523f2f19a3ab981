#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/log_store.hpp"
#include "redis/client.hpp"
#include "redis/log_scripts.hpp"

namespace ctxcache::redis {

/// The log in Redis: a stream under `PREFIX:log`, and under `PREFIX:meta` a hash of `e` the epoch, `r` the
/// server's replication id when it began, `n` the last sequence number, `c` the constants "L:G:S:D" in
/// milliseconds, `o` once a member has found the epoch old and, for each member, `m:ID`, its beat "P:count".
class redis_log_store final : public log_store {
 public:
  struct options {
    connection::options link;
    std::string prefix;
    std::uint64_t log_max_messages;
    fleet_constants constants;
    std::chrono::milliseconds poll;
  };
  redis_log_store(boost::asio::any_io_executor home, options with, const clock& time);

  [[nodiscard]] boost::asio::awaitable<result<position>> publish(log_record record, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<beat_answer>> heartbeat(beat mine, std::uint64_t replicas,
                                                                      deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::uint64_t>> wait(std::uint64_t replicas,
                                                                   deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::vector<log_message>>> read(std::uint64_t after,
                                                                              std::size_t most,
                                                                              deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::vector<log_message>>> tail(
      std::uint64_t after, std::chrono::milliseconds wait) override;
  void wake_tail() override;
  [[nodiscard]] boost::asio::awaitable<result<std::uint64_t>> first_retained(deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<members>> registered(deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<bool>> remove(std::string id,
                                                            std::optional<std::uint64_t> count,
                                                            deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<server_facts>> inspect(deadline until) override;
  [[nodiscard]] boost::asio::awaitable<void> stop() override;

 private:
  /// The arguments are borrowed until it returns.
  [[nodiscard]] boost::asio::awaitable<result<reply>> call(const sturdy_script& what,
                                                           std::vector<std::string_view> arguments,
                                                           deadline until);
  /// What `reader` makes of the answer.
  template <class Answer>
  [[nodiscard]] boost::asio::awaitable<result<Answer>> ask_for(std::optional<Answer> (*reader)(const reply&),
                                                               client& where, batch question, deadline until);
  /// What is behind `after` now, or, unless the tail polls, within a short while.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<log_message>>> look(std::uint64_t after,
                                                                              deadline end);
  [[nodiscard]] std::string fresh_epoch();
  [[nodiscard]] error_code unusable(client& where, const reply& answer);

  boost::asio::any_io_executor home_;
  connection::options link_;
  std::string log_;
  std::string meta_;
  std::string log_max_messages_;
  std::string constants_;
  std::chrono::milliseconds poll_;
  const clock& time_;
  std::random_device entropy_;
  client commands_;
  std::optional<client> tail_;  // from the first `tail` on
  boost::asio::steady_timer poll_pause_;
  bool pausing_ = false;  // a `tail`, between two looks
  bool tail_woken_ = false;
  bool stopped_ = false;
  std::uint64_t written_in_ = 0;  // of commands_: the session of the last write, or an earlier one
};

}  // namespace ctxcache::redis
