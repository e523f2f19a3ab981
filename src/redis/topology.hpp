#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace ctxcache::redis {

/// Where the keys are and how to be let in. The one place that knows: a single server holds them all, spoken
/// to over TCP in the clear.
struct server {
  std::string host;
  std::uint16_t port = 6379;
  std::string user{};      ///< empty: the default user
  std::string password{};  ///< empty: no AUTH
  unsigned database = 0;

  /// For people: "redis://host:port/database", without user and password.
  [[nodiscard]] std::string address() const;
};

/// What is wrong with a URL, for the one who wrote it; never contains its password.
struct url_problem {
  std::string message;
};

/// Reads `redis://[user[:password]@]host[:port][/database]`; user and password may be percent-encoded.
/// `redis://:password@host` is the default user's password.
[[nodiscard]] std::variant<server, url_problem> parse_url(std::string_view url);

}  // namespace ctxcache::redis
