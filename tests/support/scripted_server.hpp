#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <list>
#include <string>
#include <utility>

#include "base/gate.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {

/// A TCP server on a free port of 127.0.0.1 that answers what a test wants it to, on the test's own loop.
class scripted_server {
 public:
  struct action {
    std::string bytes{};
    bool close = false;  ///< after the bytes
  };
  /// Called for each piece that arrives, with the number of the connection, from 1.
  using script = std::function<action(int connection, const std::string& piece)>;

  scripted_server(boost::asio::io_context& loop, script answers)
      : loop_(loop),
        answers_(std::move(answers)),
        acceptor_(loop, {boost::asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()) {
    background_.spawn(loop_.get_executor(), "scripted server", accept());
  }
  ~scripted_server() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (auto& one : sockets_) one.close(ignored);
    run_coroutine(loop_, background_.drain());
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  [[nodiscard]] std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  static constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);

  boost::asio::awaitable<void> accept() {
    while (acceptor_.is_open()) {
      auto [failed, socket] = co_await acceptor_.async_accept(quietly);
      if (failed) break;
      auto& kept = sockets_.emplace_back(std::move(socket));
      background_.spawn(loop_.get_executor(), "scripted connection", serve(kept, ++connections_));
    }
  }

  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket& socket, int number) {
    std::array<char, 65'536> space;
    const auto room = boost::asio::buffer(space);
    while (socket.is_open()) {
      const auto [failed, size] = co_await socket.async_read_some(room, quietly);
      if (failed) break;
      const std::string piece{space.data(), size};
      const auto next = answers_(number, piece);
      const auto bytes = boost::asio::buffer(next.bytes);
      const auto [broken, sent] = co_await boost::asio::async_write(socket, bytes, quietly);
      boost::system::error_code ignored;
      if (next.close || broken) socket.close(ignored);
    }
  }

  boost::asio::io_context& loop_;
  script answers_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int port_;
  int connections_ = 0;
  std::list<boost::asio::ip::tcp::socket> sockets_;  // stays until the end: coroutines refer to them
  gate background_;
};

}  // namespace ctxcache::test
