#include "origin.hpp"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <vector>

#include "base/run_on.hpp"

namespace ctxcache::chaos {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

struct question {
  std::string process;
  key_name what;
};

std::optional<question> question_of(std::string_view target) {
  std::vector<std::string> parts;
  while (!target.empty()) {
    target.remove_prefix(1);  // the slash
    const auto end = std::min(target.find('/'), target.size());
    parts.emplace_back(target.substr(0, end));
    target.remove_prefix(end);
  }
  if (parts.size() < 3 || parts.size() > 4) return std::nullopt;
  return question{parts[0], {parts[1], parts[2], parts.size() == 4 ? parts[3] : ""}};
}

std::string response(std::string_view status, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", status,
                     body.size(), body);
}

}  // namespace

std::string document_of(const key_name& what, std::int64_t version) {
  return fmt::format(R"({{"customer":"{}","agent_type":"{}","version":{}}})", what.customer, what.agent_type,
                     version);
}

origin::origin(asio::io_context& loop, world& shared)
    : shared_(shared), acceptor_(loop, tcp::endpoint{asio::ip::address_v4::loopback(), 0}) {
  running_.spawn(loop.get_executor(), "provider", accept());
}

asio::awaitable<void> origin::accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(quietly);
    if (error) co_return;
    const tcp::no_delay at_once{true};
    socket.set_option(at_once, error);
    running_.spawn(acceptor_.get_executor(), "provider's connection", serve(std::move(socket)));
  }
}

asio::awaitable<void> origin::serve(tcp::socket socket) {
  beast::flat_buffer buffer;
  for (;;) {
    beast::http::request<beast::http::empty_body> asked;
    const auto [unread, read] = co_await beast::http::async_read(socket, buffer, asked, quietly);
    if (unread) co_return;
    std::string target{asked.target()};
    const std::string text = co_await answer(std::move(target));
    const auto bytes = asio::buffer(text);
    const auto [unsent, sent] = co_await asio::async_write(socket, bytes, quietly);
    if (unsent) co_return;
  }
}

asio::awaitable<std::string> origin::answer(std::string target) {
  interval when{.invoked = now_us()};
  const auto asked = question_of(target);
  const auto known = asked ? shared_.versions.find(asked->what.customer) : shared_.versions.end();
  if (known == shared_.versions.end()) co_return response("404 Not Found", "{}");
  const auto version = known->second;
  asio::steady_timer travel{acceptor_.get_executor(), delay()};
  co_await travel.async_wait(quietly);
  when.answered = now_us();
  shared_.recorded.load(asked->process, asked->what, version, when);
  co_return response("200 OK", document_of(asked->what, version));
}

// Mostly as a near database, sometimes long enough for several invalidations.
std::chrono::microseconds origin::delay() {
  const auto kind = shared_.below(100);
  const std::uint64_t most = kind < 90 ? 3'000 : kind < 98 ? 20'000 : 60'000;
  return std::chrono::microseconds{shared_.below(most)};
}

}  // namespace ctxcache::chaos
