#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>

#include "figures.hpp"
#include "load.hpp"
#include "origin.hpp"
#include "proxy.hpp"
#include "world.hpp"

namespace ctxcache::chaos {

/// Carries out what the test says, one order a line; each is answered by one line of JSON. Orders:
///
/// ```text
/// daemon SLOT PORT PROCESS     that start of a daemon answers in this slot from now on
/// down SLOT                    nobody asks there any more
/// record FILE CONSTANTS        begins a history; CONSTANTS are fields of JSON
/// start CUSTOMERS QUIET READS_PER_SECOND WRITES
/// stop                         the load ends, and the history
/// fault KIND FROM TO           into the history; microseconds as `now` tells them
/// now
/// stats                        what happened since they were last asked for
/// target SLOT PORT             where that slot's proxy leads
/// manner SLOT NAME [MS]        how it behaves
/// cut SLOT                     ends its connections
/// measure lag|fence|plain|ping|burst COUNT
/// ```
class orders {
 public:
  orders(boost::asio::io_context& loop, boost::asio::io_context& proxies);

  /// Ports of the provider and of the proxies, as JSON.
  [[nodiscard]] std::string hello() const;
  [[nodiscard]] boost::asio::awaitable<std::string> carry_out(std::string line);

 private:
  [[nodiscard]] std::string carry_out_now(std::string_view verb, std::istringstream& rest);
  [[nodiscard]] std::string on_proxy(std::string_view verb, std::istringstream& rest);
  [[nodiscard]] std::string stats();

  boost::asio::io_context& proxy_loop_;
  world shared_;
  origin origin_;
  load load_;
  figures figures_;
  std::array<proxy, world::fleet_size> proxies_;
};

}  // namespace ctxcache::chaos
