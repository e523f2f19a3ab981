#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/change_source.hpp"
#include "ctxcache/clock.hpp"
#include "redis/client.hpp"
#include "redis/stream_entries.hpp"

namespace ctxcache::redis {

/// A stream that others write into, read as one consumer of a group. Redis keeps what a consumer has been
/// given until that is acknowledged, and gives it again when it is asked; so does this. A batch is named by
/// the ids of its entries.
class redis_event_stream final : public change_source {
 public:
  struct options {
    connection::options link;
    std::string stream;
    std::string group;
    std::string consumer;
    std::chrono::milliseconds take_over_after;
  };
  redis_event_stream(boost::asio::any_io_executor home, options with, const clock& time);

  [[nodiscard]] boost::asio::awaitable<result<batch>> next(deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<void>> confirm(std::string upto, deadline until) override;
  [[nodiscard]] std::string name() const override;
  [[nodiscard]] boost::asio::awaitable<void> stop() override;

 private:
  using entries = std::vector<stream_entry>;

  [[nodiscard]] boost::asio::awaitable<result<entries>> look(deadline end);
  /// Of the entries given to this consumer and not confirmed, the first.
  [[nodiscard]] boost::asio::awaitable<result<entries>> look_back();
  /// The entries behind `after`, waiting so long for one.
  [[nodiscard]] boost::asio::awaitable<result<entries>> read(std::string_view after,
                                                             std::chrono::milliseconds block);
  /// The id of the first of them.
  [[nodiscard]] boost::asio::awaitable<result<std::string>> first_owed();
  /// Makes what other consumers have left behind one's own.
  [[nodiscard]] boost::asio::awaitable<result<void>> take_over();
  /// For an answer of the wrong kind: makes the group when that is what is missing; else the error.
  [[nodiscard]] boost::asio::awaitable<result<void>> mend(reply answer);

  std::string stream_;
  std::string group_;
  std::string consumer_;
  std::chrono::milliseconds take_over_after_;
  const clock& time_;
  client redis_;
  bool owing_ = true;  // there may be entries given to this consumer and not confirmed
  std::size_t count_;  // how many entries are asked for at once
  time_point next_take_over_{};
  std::string take_over_from_;
  std::string suspect_;         // the entry whose reading has ended its session
  std::size_t suspicions_ = 0;  // so often in a row
};

}  // namespace ctxcache::redis
