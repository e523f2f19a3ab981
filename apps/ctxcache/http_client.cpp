#include "http_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>

namespace ctxcache::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

// Contexts are at most 16 MiB.
constexpr std::uint64_t answer_bytes_max = std::uint64_t{32} << 20;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

using wire_request = http::request<http::string_body>;

wire_request to_wire(const daemon_address& with, const http_request& what) {
  wire_request made;
  made.version(11);
  made.method_string(what.method);
  made.target(with.prefix + what.path);
  made.set(http::field::host, authority(with));
  made.set(http::field::user_agent, "ctxcache/" CTX_VERSION);
  made.set(http::field::connection, "close");
  if (!what.body.empty()) made.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : what.headers) made.set(name, value);
  made.body() = what.body;
  made.prepare_payload();
  return made;
}

http_response from_wire(http::response<http::string_body>&& answer) {
  http_response made{answer.result_int(), std::string{answer.reason()}, {}, {}};
  for (const auto& field : answer) made.headers.emplace_back(field.name_string(), field.value());
  made.body = std::move(answer.body());
  return made;
}

std::string describe(const boost::system::error_code& error) {
  if (error == beast::error::timeout) return "no answer in time";
  if (error == http::error::end_of_stream) return "the connection was closed without an answer";
  if (error == http::error::body_limit) return "the answer is larger than 32 MiB";
  return error.message();
}

asio::awaitable<boost::system::error_code> talk(const daemon_address& with, wire_request& what,
                                                http::response_parser<http::string_body>& answer,
                                                std::chrono::milliseconds limit) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver{executor};
  const auto [unknown, endpoints] = co_await resolver.async_resolve(with.host, with.port, quietly);
  if (unknown) co_return unknown;
  beast::tcp_stream stream{executor};
  stream.expires_after(limit);
  const auto [refused, endpoint] = co_await stream.async_connect(endpoints, quietly);
  if (refused) co_return refused;
  // A daemon that refuses a large body may close before it has read all of it: its answer counts, not that.
  const auto [unsent, sent] = co_await http::async_write(stream, what, quietly);
  beast::flat_buffer buffer;
  const auto [unread, read] = co_await http::async_read(stream, buffer, answer, quietly);
  co_return unread&& unsent ? unsent : unread;
}

}  // namespace

outcome<http_response> exchange(const daemon_address& with, const http_request& what,
                                std::chrono::milliseconds limit) {
  asio::io_context loop{1};
  auto sent = to_wire(with, what);
  http::response_parser<http::string_body> answer;
  answer.body_limit(answer_bytes_max);
  boost::system::error_code error;
  asio::co_spawn(loop, talk(with, sent, answer, limit),
                 [&](const std::exception_ptr& thrown, boost::system::error_code ended) {
                   if (thrown) std::rethrow_exception(thrown);
                   error = ended;
                 });
  loop.run();
  if (!error) return from_wire(answer.release());
  return failure{exit_code::unreachable, "no answer from " + url_of(with) + ": " + describe(error)};
}

}  // namespace ctxcache::client
