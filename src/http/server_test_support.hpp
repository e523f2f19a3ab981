#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

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
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  [[nodiscard]] boost::json::value json() const { return boost::json::parse(body); }
  /// The `code` of a problem.
  [[nodiscard]] std::string code() const { return json().at("code").as_string().c_str(); }
};

/// A blocking connection to 127.0.0.1.
class caller {
 public:
  explicit caller(int port) {
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
  }

  void send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  /// The next answer; status 0 when the connection ended instead.
  reply receive(bool head_only = false) {
    reply out;
    auto end = waiting_.find("\r\n\r\n");
    for (; end == std::string::npos; end = waiting_.find("\r\n\r\n")) {
      if (!read_more()) return out;
    }
    out.head = waiting_.substr(0, end + 2);
    out.status = std::stoi(out.head.substr(9, 3));
    const auto length = out.header("Content-Length");
    const auto size = head_only || length.empty() ? 0 : std::stoul(length);
    while (waiting_.size() < end + 4 + size) {
      if (!read_more()) return {};
    }
    out.body = waiting_.substr(end + 4, size);
    waiting_.erase(0, end + 4 + size);
    return out;
  }

  reply ask(std::string_view method, std::string_view target, std::string_view lines = "",
            std::string_view body = "") {
    std::string text =
        std::string{method} + " " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n" + std::string{lines};
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    send(text + "\r\n" + std::string{body});
    return receive(method == "HEAD");
  }

  /// Whether the other side has ended the connection and sent nothing more.
  [[nodiscard]] bool ended() { return waiting_.empty() && !read_more(); }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  bool read_more() {
    std::array<char, 4096> part;
    boost::system::error_code error;
    const auto bytes = socket_.read_some(boost::asio::buffer(part), error);
    waiting_.append(part.data(), bytes);
    return !error;
  }

  boost::asio::io_context loop_;
  boost::asio::ip::tcp::socket socket_{loop_};
  std::string waiting_;
};

/// A server over an orchestrator with a fake source and no L2, its one lane in a thread of its own.
class server_fixture : public testing::Test {
 protected:
  server_fixture() {
    options.port = 0;
    options.sweep_interval = std::chrono::milliseconds{5};
  }

  void start(const cache_settings& settings = {}) {
    orchestrator::parts with{.lanes = {}, .source = source, .time = &time};
    with.lanes.push_back({loop.get_executor(), make_null_l2()});
    cache = std::make_unique<orchestrator>(settings, std::move(with));
    http::server_parts parts = more_parts;
    parts.lanes = {loop.get_executor()};
    parts.time = &time;
    equip(parts);
    server = std::make_unique<http::server>(options, *cache, std::move(parts));
    server->start();
    runner = std::thread{[this] { loop.run(); }};
  }

  void TearDown() override {
    if (!server) return;
    on_lane([this] { source->release(); });
    if (!drained) spawn_drain();
    EXPECT_TRUE(eventually([this] { return drained.load(); }));
    boost::asio::co_spawn(loop, end(), [this](std::exception_ptr) { work.reset(); });
    runner.join();
  }

  /// What a fixture puts over the cache, and ends before the cache does.
  virtual void equip(http::server_parts&) {}
  virtual boost::asio::awaitable<void> end_equipment() { co_return; }

  /// Starts the drain; `drained` says when it has ended.
  void spawn_drain() {
    boost::asio::co_spawn(loop, server->drain(), [this](std::exception_ptr) { drained = true; });
  }

  /// Runs something on the lane's thread and waits for it.
  void on_lane(const std::function<void()>& what) {
    std::atomic<bool> done = false;
    boost::asio::post(loop, [&] {
      what();
      done = true;
    });
    EXPECT_TRUE(eventually([&] { return done.load(); }));
  }

  /// Changes what the source does, on the thread that asks it.
  void change(const std::function<void(fake_source&)>& how) {
    on_lane([&] { how(*source); });
  }
  int loads() {
    int count = 0;
    on_lane([&] { count = source->loads; });
    return count;
  }

  caller call() { return caller{server->port()}; }

  boost::asio::awaitable<void> end() {
    co_await end_equipment();
    co_await cache->stop();
  }

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
};

}  // namespace ctxcache::test
