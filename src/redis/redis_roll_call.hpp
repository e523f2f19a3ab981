#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/roll_call.hpp"
#include "redis/client.hpp"

namespace ctxcache::redis {

/// Questions are entries of a stream under `PREFIX:asked`, answers a hash under `PREFIX:said:ID` of each
/// member's count. Both are gone ten seconds after the last.
class redis_roll_call final : public roll_call {
 public:
  redis_roll_call(boost::asio::any_io_executor home, connection::options link, const roll_call_options& with,
                  const clock& time);

  [[nodiscard]] boost::asio::awaitable<result<opened>> ask(scope what, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::vector<answer>>> answers(std::string id,
                                                                            deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::vector<question>>> next(
      std::chrono::milliseconds wait) override;
  [[nodiscard]] boost::asio::awaitable<result<void>> say(std::string id, answer mine,
                                                         deadline until) override;
  [[nodiscard]] boost::asio::awaitable<void> stop() override;

 private:
  boost::asio::any_io_executor home_;
  connection::options link_;
  const std::string meta_;
  const std::string asked_;
  const std::string said_;  // what the keys of answers begin with
  const bool may_block_;
  const clock& time_;
  client calls_;
  std::optional<client> hearing_;  // from the first `next` on
  std::string heard_ = "0-0";      // the last question that was read
  bool stopped_ = false;
};

}  // namespace ctxcache::redis
