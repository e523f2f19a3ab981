#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/log_store.hpp"
#include "redis/wire.hpp"

namespace ctxcache::sim {

/// The log in a simulated Redis, as redis::redis_log_store sees the one in a real Redis.
class log_store final : public ctxcache::log_store {
 public:
  struct options {
    fleet_constants constants{};
    std::size_t log_max_messages = 100'000;
  };
  log_store(std::shared_ptr<wire> over, options with, const clock& time)
      : commands_(over), tail_(std::move(over)), options_(with), time_(time) {}

  boost::asio::awaitable<result<position>> publish(log_record record, deadline until) override;
  boost::asio::awaitable<result<beat_answer>> heartbeat(beat mine, std::uint64_t replicas,
                                                        deadline until) override;
  boost::asio::awaitable<result<std::uint64_t>> wait(std::uint64_t replicas, deadline until) override;
  boost::asio::awaitable<result<std::vector<log_message>>> read(std::uint64_t after, std::size_t most,
                                                                deadline until) override;
  boost::asio::awaitable<result<std::vector<log_message>>> tail(std::uint64_t after,
                                                                std::chrono::milliseconds wait) override;
  void wake_tail() override;
  boost::asio::awaitable<result<server_facts>> inspect(deadline until) override;
  boost::asio::awaitable<result<std::uint64_t>> first_retained(deadline until) override;
  boost::asio::awaitable<result<members>> registered(deadline until) override;
  boost::asio::awaitable<result<bool>> remove(std::string id, std::optional<std::uint64_t> count,
                                              deadline until) override;
  boost::asio::awaitable<void> stop() override;

 private:
  using messages = std::vector<log_message>;
  template <class T>
  boost::asio::awaitable<result<T>> ask(std::function<T(server&)> what, deadline until);
  [[nodiscard]] server::caller myself() const;
  void wrote(std::uint64_t session, std::uint64_t offset);

  connection commands_;
  connection tail_;
  const options options_;
  const clock& time_;
  std::uint64_t written_in_ = 0;
  std::uint64_t written_ = 0;
  bool stopped_ = false;
};

}  // namespace ctxcache::sim
