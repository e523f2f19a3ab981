#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ctxcache::chaos {

struct reply {
  boost::beast::http::response<boost::beast::http::string_body> said;
  std::int64_t answered = 0;  ///< when its last byte was here
};

/// One keep-alive connection to a daemon; it connects when it must. After a failure it starts anew.
class wire {
 public:
  explicit wire(boost::asio::any_io_executor where) : where_(std::move(where)) {}

  /// Sends `count` requests at once and reads their answers, in order; fewer of them when it broke.
  [[nodiscard]] boost::asio::awaitable<std::vector<reply>> exchange(std::uint16_t port, std::string requests,
                                                                    std::size_t count);

  void close() { stream_.reset(); }

 private:
  [[nodiscard]] boost::asio::awaitable<bool> connect(std::uint16_t port);

  boost::asio::any_io_executor where_;
  std::optional<boost::beast::tcp_stream> stream_;
  boost::beast::flat_buffer buffer_;
};

/// Requests as they go over the wire.
[[nodiscard]] std::string get_request(const std::string& path, const std::string& headers);
[[nodiscard]] std::string body_request(const char* method, const std::string& path, const std::string& body);

}  // namespace ctxcache::chaos
