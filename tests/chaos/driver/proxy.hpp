#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/gate.hpp"

namespace ctxcache::chaos {

/// How a proxy treats what comes through it.
enum class manner {
  pass,      ///< as if it were not there
  refuse,    ///< connections are closed at once
  hang,      ///< nothing gets through either way; what was sent arrives when this ends
  mute,      ///< questions get through, answers never do
  delay,     ///< each piece arrives `delay` later
  truncate,  ///< half of the next answer, then the end
  dribble,   ///< answers come byte by byte
};

/// The manner of that name; throws std::invalid_argument.
[[nodiscard]] manner manner_named(std::string_view name);

/// A TCP proxy on a loopback port, between one daemon and Redis. Belongs to one event loop.
class proxy {
 public:
  explicit proxy(boost::asio::io_context& loop);

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void lead_to(std::uint16_t port) { target_ = port; }
  void behave(manner how, std::chrono::milliseconds delay);
  /// Ends all connections that there are.
  void cut();

 private:
  struct link;
  [[nodiscard]] boost::asio::awaitable<void> accept();
  [[nodiscard]] boost::asio::awaitable<void> open(boost::asio::ip::tcp::socket near);
  [[nodiscard]] boost::asio::awaitable<void> pump(std::shared_ptr<link> in, bool answers);
  [[nodiscard]] boost::asio::awaitable<bool> pass_on(boost::asio::ip::tcp::socket& to, std::size_t bytes,
                                                     link& in, bool answers);
  [[nodiscard]] boost::asio::awaitable<void> rest(std::chrono::milliseconds how_long);

  boost::asio::io_context& loop_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t target_ = 0;
  manner how_ = manner::pass;
  std::chrono::milliseconds delay_{0};
  std::vector<std::weak_ptr<link>> links_;
  gate running_;
};

}  // namespace ctxcache::chaos
