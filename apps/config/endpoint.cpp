#include <arpa/inet.h>

#include "config/daemon_config.hpp"
#include "config/units.hpp"

namespace ctxcache::config {
namespace {

std::optional<bool> is_loopback(const std::string& address) {
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  if (inet_pton(AF_INET6, address.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return std::nullopt;
}

}  // namespace

std::optional<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_whole(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65'535) return std::nullopt;
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  const std::string address{host == "localhost" ? "127.0.0.1" : host};
  const auto loopback = is_loopback(address);
  if (!loopback) return std::nullopt;
  return endpoint{address, static_cast<std::uint16_t>(*port), *loopback};
}

}  // namespace ctxcache::config
