#include "wire.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "base/run_on.hpp"
#include "history.hpp"

namespace ctxcache::chaos {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

// Above every deadline of the daemon: what takes longer is broken.
constexpr std::chrono::seconds patience{15};

}  // namespace

std::string get_request(const std::string& path, const std::string& headers) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: chaos\r\n{}\r\n", path, headers);
}

std::string body_request(const char* method, const std::string& path, const std::string& body) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: chaos\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      method, path, body.size(), body);
}

asio::awaitable<bool> wire::connect(std::uint16_t port) {
  stream_.emplace(where_);
  buffer_.clear();
  stream_->expires_after(patience);
  const tcp::endpoint there{asio::ip::address_v4::loopback(), port};
  const auto [refused] = co_await stream_->async_connect(there, quietly);
  if (refused) {
    stream_.reset();
    co_return false;
  }
  const tcp::no_delay at_once{true};
  boost::system::error_code ignored;
  stream_->socket().set_option(at_once, ignored);
  co_return true;
}

asio::awaitable<std::vector<reply>> wire::exchange(std::uint16_t port, std::string requests,
                                                   std::size_t count) {
  std::vector<reply> got;
  if (!stream_ && !co_await connect(port)) co_return got;
  stream_->expires_after(patience);
  const auto bytes = asio::buffer(requests);
  const auto [unsent, sent] = co_await asio::async_write(*stream_, bytes, quietly);
  while (!unsent && got.size() < count) {
    reply next;
    const auto [unread, read] = co_await beast::http::async_read(*stream_, buffer_, next.said, quietly);
    if (unread) break;
    next.answered = now_us() + 1;
    const bool last = !next.said.keep_alive();
    got.push_back(std::move(next));
    if (last) break;
  }
  if (got.size() < count || !got.back().said.keep_alive()) stream_.reset();
  co_return got;
}

}  // namespace ctxcache::chaos
