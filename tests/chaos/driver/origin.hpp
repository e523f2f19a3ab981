#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/gate.hpp"
#include "world.hpp"

namespace ctxcache::chaos {

/// The document of a version, as the provider answers it and as a PUT may store it.
[[nodiscard]] std::string document_of(const key_name& what, std::int64_t version);

/// The provider under test: a versioned register for each customer, over HTTP on a loopback port.
/// `/PROCESS/CUSTOMER/AGENT_TYPE[/CONVERSATION]` answers the version that was committed when the request
/// arrived, some milliseconds later, so that what is under way is overtaken.
class origin {
 public:
  origin(boost::asio::io_context& loop, world& shared);

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  [[nodiscard]] boost::asio::awaitable<void> accept();
  [[nodiscard]] boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
  [[nodiscard]] boost::asio::awaitable<std::string> answer(std::string target);
  [[nodiscard]] std::chrono::microseconds delay();

  world& shared_;
  boost::asio::ip::tcp::acceptor acceptor_;
  gate running_;
};

}  // namespace ctxcache::chaos
