#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "http/answer.hpp"
#include "http/date.hpp"
#include "http/outbox.hpp"
#include "http/request_parser.hpp"
#include "http/service.hpp"

namespace ctxcache::http {

/// One connection, from its first byte to its last, on its lane's executor.
///
/// It reads, answers at once every request it has whole that needs no waiting, and writes all those answers
/// together; only what must wait suspends in between. The lane's sweep, not a timer, ends slow connections.
class session : public boost::intrusive::list_base_hook<> {
 public:
  session(service& on, date_line& date, boost::asio::ip::tcp::socket socket);

  /// Until the connection ends.
  [[nodiscard]] boost::asio::awaitable<void> run();

  /// Closes the connection when it has been too long at what it does.
  void close_if_late(time_point now);
  /// Closes the connection when it is between two requests.
  void close_if_idle();
  void close();

 private:
  enum class step { read, write, handler, finish, linger };
  enum class phase : std::uint8_t { idle, header, body, handler, write, linger };

  [[nodiscard]] step serve_buffered();
  [[nodiscard]] step serve_one();
  [[nodiscard]] step refuse_malformed();
  void push(answer what);
  [[nodiscard]] step after_answer();
  void send_continue();

  enum class sent { all, blocked, failed };
  [[nodiscard]] sent send_now();
  [[nodiscard]] boost::asio::awaitable<bool> send_rest();
  [[nodiscard]] boost::asio::awaitable<void> linger();

  [[nodiscard]] boost::asio::mutable_buffer free_input();
  void enter_reading();
  void enter(phase what, time_point now);
  void record_answered(time_point now);

  service& on_;
  date_line& date_;
  boost::asio::ip::tcp::socket socket_;
  request_parser parser_;
  outbox out_;
  std::vector<char> input_;  // what is read and not parsed lies at [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  call call_;
  bool closing_ = false;  // no request is read behind the current one
  bool continue_sent_ = false;

  // Answers pushed and not yet counted: they are counted at their write, with one look at the clock for all.
  struct answered {
    endpoint to;
    int status;
    time_point began;
  };
  std::vector<answered> uncounted_;

  time_point now_;  // read once for each read from the socket and after each handler
  phase phase_ = phase::idle;
  time_point since_;  // when phase_ began
};

}  // namespace ctxcache::http
