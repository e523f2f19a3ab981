#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "ctxcache/orchestrator.hpp"
#include "http/server.hpp"
#include "support/child_process.hpp"
#include "support/fake_source.hpp"
#include "support/manual_clock.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {

/// An answer as a caller sees it.
struct reply {
  int status = 0;
  std::string head;
  std::string body;

  /// The value of a header line, empty when there is none.
  [[nodiscard]] std::string header(const std::string& name) const;
  [[nodiscard]] boost::json::value json() const;
  /// The `code` of a problem.
  [[nodiscard]] std::string code() const;
};

/// A blocking connection to 127.0.0.1.
class caller {
 public:
  explicit caller(int port);

  void send(std::string_view bytes);
  /// The next answer; status 0 when the connection ended instead.
  reply receive(bool head_only = false);
  reply ask(std::string_view method, std::string_view target, std::string_view lines = "",
            std::string_view body = "");
  /// Whether the other side has ended the connection and sent nothing more.
  [[nodiscard]] bool ended() { return waiting_.empty() && !read_more(); }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  bool read_more();

  boost::asio::io_context loop_;
  boost::asio::ip::tcp::socket socket_{loop_};
  std::string waiting_;
};

/// A server over an orchestrator with a fake source and no L2, its one lane in a thread of its own.
class server_fixture : public testing::Test {
 protected:
  server_fixture();
  ~server_fixture() override;
  void TearDown() override;

  void start(const cache_settings& settings = {});

  /// What a fixture puts over the cache, and ends before the cache does.
  virtual void equip(http::server_parts&) {}
  virtual boost::asio::awaitable<void> end_equipment();

  /// Starts the drain; `drained` says when it has ended.
  void spawn_drain();
  /// Runs something on the lane's thread and waits for it.
  void on_lane(const std::function<void()>& what);
  /// Changes what the source does, on the thread that asks it.
  void change(const std::function<void(fake_source&)>& how);
  int loads();
  caller call() { return caller{server->port()}; }

  manual_clock time;
  std::shared_ptr<fake_source> source = std::make_shared<fake_source>();
  http::server_options options;
  http::server_parts more_parts;
  boost::asio::io_context loop{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work = make_work_guard(loop);
  std::unique_ptr<orchestrator> cache;
  std::unique_ptr<http::server> server;
  std::thread runner;
  std::atomic<bool> drained = false;

 private:
  boost::asio::awaitable<void> end();
};

}  // namespace ctxcache::test
