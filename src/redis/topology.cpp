#include "redis/topology.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <optional>

namespace ctxcache::redis {
namespace {

// All of `text` as a number; nullopt when there is anything else, or it is too large for its type.
template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [read_to, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc{} || read_to != end) return std::nullopt;
  return value;
}

url_problem wrong_scheme(std::string_view scheme) {
  if (scheme == "rediss" || scheme == "unix" || scheme == "redis+unix") {
    return {std::string{scheme} + ":// is not supported yet; use redis://host:port"};
  }
  return {"must begin with redis://"};
}

}  // namespace

std::string server::address() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return "redis://" + (bracketed ? '[' + host + ']' : host) + ':' + std::to_string(port) + '/' +
         std::to_string(database);
}

std::variant<server, url_problem> parse_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  const auto scheme = url.substr(0, scheme_end);
  if (scheme_end == url.npos || scheme != "redis") return wrong_scheme(scheme);

  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) {
    return url_problem{"is not a URL; in a password, percent-encode all but letters, digits and -._~"};
  }
  if (parsed->has_query() || parsed->has_fragment())
    return url_problem{"must not have a query or a fragment"};
  if (parsed->encoded_host().empty()) return url_problem{"names no host"};

  server found{.host = parsed->host_address(), .user = parsed->user(), .password = parsed->password()};
  if (!found.user.empty() && found.password.empty()) return url_problem{"names a user without a password"};
  if (parsed->has_port()) {
    found.port = number<std::uint16_t>(parsed->port()).value_or(0);
    if (found.port == 0) return url_problem{"has a port that is not between 1 and 65535"};
  }
  const std::string path = parsed->path();
  if (path.size() > 1) {
    const auto database = number<std::uint16_t>(std::string_view{path}.substr(1));
    if (!database)
      return url_problem{"has a database that is not a number: the part after the host, as in /0"};
    found.database = *database;
  }
  return found;
}

}  // namespace ctxcache::redis
