#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>

#include "base/gate.hpp"
#include "http/date.hpp"
#include "http/service.hpp"
#include "http/session.hpp"

namespace ctxcache::http {

/// One event loop's share of a server: an acceptor on the common port, the sessions it took, and the sweep
/// that closes the late ones. Its state belongs to its executor; the functions may be called from every
/// thread.
class lane {
 public:
  /// Listens; throws boost::system::system_error. Port 0 takes any free one.
  lane(service& on, std::size_t index, const boost::asio::ip::tcp::endpoint& where);

  [[nodiscard]] int port() const { return port_; }
  void start();

  void stop_accepting();  ///< and closes the idle connections
  void close_all();

  [[nodiscard]] std::size_t connections() const { return sessions_gate_.running(); }
  /// Returns when the last coroutine has ended.
  [[nodiscard]] boost::asio::awaitable<void> drain();

 private:
  [[nodiscard]] boost::asio::awaitable<void> accept();
  [[nodiscard]] boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
  [[nodiscard]] boost::asio::awaitable<void> sweep();
  [[nodiscard]] boost::asio::awaitable<void> feel_lag();
  void take(boost::asio::ip::tcp::socket socket);
  void refuse(boost::asio::ip::tcp::socket socket);

  service& on_;
  const std::size_t index_;
  const boost::asio::any_io_executor executor_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int port_ = 0;
  boost::asio::steady_timer pause_;         // of the sweep
  boost::asio::steady_timer accept_pause_;  // when there are no descriptors left
  boost::asio::steady_timer lag_pause_;
  bool stopped_ = false;
  date_line date_;
  boost::intrusive::list<session, boost::intrusive::constant_time_size<false>> sessions_;
  gate sessions_gate_;
  gate loops_gate_;
};

}  // namespace ctxcache::http
