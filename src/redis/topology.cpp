#include "redis/topology.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace ctxcache::redis {
namespace {

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
    found.port = parsed->port_number();
    if (found.port == 0) return url_problem{"has a port that is not between 1 and 65535"};
  }
  const std::string path = parsed->path();
  if (path.size() > 1) {
    const auto* const end = path.data() + path.size();
    const auto [read_to, failed] = std::from_chars(path.data() + 1, end, found.database);
    if (failed != std::errc{} || read_to != end || found.database > 65'535) {
      return url_problem{"has a database that is not a number: the part after the host, as in /0"};
    }
  }
  return found;
}

}  // namespace ctxcache::redis
