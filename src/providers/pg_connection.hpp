#pragma once

#include <libpq-fe.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/provider.hpp"
#include "providers/health_record.hpp"
#include "providers/pg_target.hpp"
#include "providers/query_ids.hpp"

namespace ctxcache::providers {

/// One connection to PostgreSQL: libpq's protocol, Asio's waiting. One call at a time, on the executor it was
/// made with. One that ran out of time in the middle of an exchange, or lost its peer, is not `usable` again.
class pg_connection {
  template <auto Free>
  struct freed_by {
    template <class T>
    void operator()(T* one) const {
      Free(one);
    }
  };

 public:
  using pg_result = std::unique_ptr<PGresult, freed_by<PQclear>>;

  explicit pg_connection(boost::asio::any_io_executor where);
  ~pg_connection();
  pg_connection(const pg_connection&) = delete;
  pg_connection& operator=(const pg_connection&) = delete;

  [[nodiscard]] boost::asio::awaitable<result<void>> connect(const pg_target& target, time_point until);
  [[nodiscard]] boost::asio::awaitable<result<section_answer>> ask(const section_query& query,
                                                                   const query_ids& ids, time_point until);
  /// Runs one statement. `values` are its parameters, as text.
  [[nodiscard]] boost::asio::awaitable<result<pg_result>> run(std::string sql,
                                                              std::vector<std::string> values,
                                                              time_point until);
  /// Whether a notification has come on a channel that this session listens to, or comes until then.
  [[nodiscard]] boost::asio::awaitable<result<bool>> notified(time_point until);
  /// Ends the call under way, as if the peer were lost.
  void break_off();

  [[nodiscard]] bool usable() const { return !broken_; }
  /// Why the last call failed, without values and ids.
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  struct prepared {
    std::string name;
    int parameters = 0;
  };
  class time_limit;

  [[nodiscard]] boost::asio::awaitable<result<void>> handshake();
  [[nodiscard]] bool watch_socket();
  [[nodiscard]] boost::asio::awaitable<result<void>> set_session(std::chrono::milliseconds timeout);
  [[nodiscard]] boost::asio::awaitable<result<prepared>> prepare(const section_query& query,
                                                                 const std::string& sql);
  [[nodiscard]] boost::asio::awaitable<result<pg_result>> exchange(int sent);
  [[nodiscard]] boost::asio::awaitable<bool> ready(boost::asio::posix::stream_descriptor::wait_type what);
  [[nodiscard]] bool take_notifications();
  [[nodiscard]] errc lost();
  [[nodiscard]] errc failure(const PGresult* from);

  boost::asio::any_io_executor where_;
  boost::asio::posix::stream_descriptor socket_;  // libpq's: released, never closed, by us
  std::unique_ptr<PGconn, freed_by<PQfinish>> libpq_;
  std::unordered_map<std::string, prepared> prepared_;  // by SQL
  std::chrono::milliseconds session_timeout_{0};
  bool timed_out_ = false;
  bool broken_ = false;
  std::string why_;
};

}  // namespace ctxcache::providers
