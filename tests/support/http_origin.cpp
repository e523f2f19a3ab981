#include "support/http_origin.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <mutex>
#include <string_view>
#include <thread>

namespace ctxcache::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string answer(int status, std::string_view body, std::string_view more = "") {
  return "HTTP/1.1 " + std::to_string(status) + " As Asked\r\nContent-Type: application/json\r\n" +
         std::string{more} +
         (status == 204 ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
         std::string{body};
}

std::string quoted(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') out += '\\';
    out += byte;
  }
  return '"' + out + '"';
}

std::string customer(std::string_view rest) {
  if (rest == "cust_1") return answer(200, R"({"id": "cust_1", "n": 1})");
  if (rest == "cust_1/tickets") return answer(200, R"([{"n": 1}, {"n": 2}])");
  return rest.ends_with("/tickets") ? answer(200, "[]") : answer(404, R"({"error": "no such customer"})");
}

asio::awaitable<bool> send(tcp::socket& to, std::string bytes) {
  const auto buffer = asio::buffer(bytes);
  const auto [failed, sent] = co_await asio::async_write(to, buffer, asio::as_tuple(asio::use_awaitable));
  co_return !failed;
}

asio::awaitable<void> send_for_ever(tcp::socket& to) {
  const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  bool going = co_await send(to, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  while (going) going = co_await send(to, chunk);
}

}  // namespace

struct http_origin::impl {
  explicit impl(int port)
      : acceptor(loop, tcp::endpoint{asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)}) {}

  asio::awaitable<void> accept() {
    while (true) {
      auto [failed, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (failed) co_return;
      {
        const std::scoped_lock lock{mutex};
        ++connections;
      }
      asio::co_spawn(loop, serve(std::move(socket)), [](const std::exception_ptr&) {});
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    std::string read;
    bool going = true;
    while (going) {
      auto buffer = asio::dynamic_buffer(read, 65536);
      const auto [failed, bytes] =
          co_await asio::async_read_until(socket, buffer, "\r\n\r\n", asio::as_tuple(asio::use_awaitable));
      if (failed) co_return;
      const auto head = read.substr(0, bytes);
      read.erase(0, bytes);
      {
        const std::scoped_lock lock{mutex};
        requests.push_back(head);
      }
      const auto begin = head.find(' ') + 1;
      auto target = head.substr(begin, head.find(' ', begin) - begin);
      going = co_await respond(socket, std::move(target));
    }
  }

  // Whether the connection stays.
  asio::awaitable<bool> respond(tcp::socket& socket, std::string target) {
    const std::string_view path = target;
    if (path.starts_with("/hang-up")) co_return false;
    if (path.starts_with("/slow")) {
      asio::steady_timer never{loop, asio::steady_timer::time_point::max()};
      co_await never.async_wait(asio::use_awaitable);
    }
    if (path.starts_with("/half")) {
      co_await send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"a\":");
      co_return false;
    }
    if (path.starts_with("/endless")) {
      co_await send_for_ever(socket);
      co_return false;
    }
    auto bytes = short_answer(path);
    co_return co_await send(socket, std::move(bytes));
  }

  static std::string short_answer(std::string_view path) {
    if (path.starts_with("/status/"))
      return answer(std::stoi(std::string{path.substr(8)}), R"({"status":1})");
    if (path.starts_with("/huge")) return answer(200, '"' + std::string(std::size_t{50} << 20, 'x') + '"');
    if (path.starts_with("/text")) return answer(200, "<html>no JSON</html>");
    if (path.starts_with("/redirect")) return answer(302, "{}", "Location: /echo\r\n");
    if (path.starts_with("/customers/")) return customer(path.substr(11));
    return answer(200, "{\"target\": " + quoted(path) + "}");
  }

  asio::io_context loop{1};
  tcp::acceptor acceptor;
  mutable std::mutex mutex;
  std::vector<std::string> requests;  // Guarded by mutex.
  std::size_t connections = 0;        // Guarded by mutex.
  std::thread thread;
};

http_origin::http_origin(int port) : impl_(std::make_unique<impl>(port)) {
  asio::co_spawn(impl_->loop, impl_->accept(), [](const std::exception_ptr&) {});
  impl_->thread = std::thread{[this] { impl_->loop.run(); }};
}

http_origin::http_origin() : http_origin(0) {}

http_origin::~http_origin() {
  impl_->loop.stop();
  impl_->thread.join();
}

int http_origin::port() const {
  return impl_->acceptor.local_endpoint().port();
}

std::vector<std::string> http_origin::requests() const {
  const std::scoped_lock lock{impl_->mutex};
  return impl_->requests;
}

std::size_t http_origin::connections() const {
  const std::scoped_lock lock{impl_->mutex};
  return impl_->connections;
}

}  // namespace ctxcache::test
