#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "wire.hpp"
#include "world.hpp"

namespace ctxcache::chaos {

/// Measures one thing at a time, many times over; the answers are JSON, in microseconds.
///
/// - `plain`: an invalidation of a customer at the first daemon, from the request to its answer
/// - `fence`: the same with a fence
/// - `lag`: from the request to the first read at another daemon that begins late enough to be answered with
/// the
///   new version; bounded below by how long such a read takes
/// - `ping`: one round trip to a Redis that stands in the first daemon's place
/// - `burst`: that many invalidations, 1,000 a second, over all daemons
class figures {
 public:
  figures(boost::asio::io_context& loop, world& shared) : loop_(loop), shared_(shared) {}

  /// Throws std::invalid_argument for what it does not know, std::runtime_error when a daemon fails.
  [[nodiscard]] boost::asio::awaitable<std::string> measure(std::string what, std::size_t count);

 private:
  using samples = std::vector<std::int64_t>;

  [[nodiscard]] boost::asio::awaitable<samples> durations(bool fence, std::size_t count);
  [[nodiscard]] boost::asio::awaitable<samples> pings(std::size_t count);
  [[nodiscard]] boost::asio::awaitable<samples> lags(std::size_t count);
  [[nodiscard]] boost::asio::awaitable<std::int64_t> tell(std::int64_t& said_at, wire& over);
  [[nodiscard]] boost::asio::awaitable<std::int64_t> lag_once(std::size_t index, std::int64_t old,
                                                              const std::int64_t& said_at, wire& over);
  [[nodiscard]] boost::asio::awaitable<std::int64_t> read_version(std::uint16_t port, wire& over);
  [[nodiscard]] boost::asio::awaitable<void> invalidate(std::string customer, bool fence, std::uint16_t port,
                                                        wire& over);
  [[nodiscard]] boost::asio::awaitable<samples> burst(std::size_t count);
  [[nodiscard]] boost::asio::awaitable<samples> burst_part(std::size_t index, std::size_t count);

  boost::asio::io_context& loop_;
  world& shared_;
};

}  // namespace ctxcache::chaos
