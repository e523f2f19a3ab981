#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache::client {

/// Where a daemon is.
struct daemon_address {
  std::string host;    ///< a name or an address, without brackets
  std::string port;    ///< "8000"
  std::string prefix;  ///< of the path, without a `/` at its end; for daemons behind a proxy
};

/// Reads `http://HOST[:PORT][/PREFIX]`; nullopt for everything else.
[[nodiscard]] std::optional<daemon_address> parse_url(std::string_view url);

/// What `Host:` says: with brackets and the port.
[[nodiscard]] std::string authority(const daemon_address& address);

/// `http://HOST:PORT[/PREFIX]`.
[[nodiscard]] std::string url_of(const daemon_address& address);

/// One id as a segment of a path, percent-encoded; "." and ".." too, which a proxy would resolve.
[[nodiscard]] std::string path_segment(std::string_view id);

/// `{base}/{customer}/{agent_type}[/{conversation}]`. errc::invalid_key as for keys.
[[nodiscard]] result<std::string> path_of(std::string_view base, const key_ids& ids);

}  // namespace ctxcache::client
