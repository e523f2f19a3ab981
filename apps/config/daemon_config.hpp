#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "config/place.hpp"
#include "ctxcache/config.hpp"
#include "ctxcache/provider.hpp"

namespace ctxcache::config {

enum class provider_kind { postgres, http, sqlite };

/// `[provider.NAME]`: a connection to a database or a service.
struct provider_config {
  std::string name;
  provider_kind type = provider_kind::postgres;
  std::string url;                                           ///< expanded; holds secrets
  std::vector<std::pair<std::string, std::string>> headers;  ///< http; expanded; holds secrets
  std::size_t max_concurrency = 32;                          ///< questions at a time; SQLite's default is 4
  std::string ca_file;                                       ///< http; empty: the system's authorities
  std::size_t max_answer_bytes = std::size_t{4} << 20;
  std::chrono::milliseconds settle{0};  ///< how long it may lag behind a write
  place at;                             ///< for errors that show only when it is set up

  /// Same meaning, wherever it stands.
  friend bool operator==(const provider_config& a, const provider_config& b) {
    return std::tie(a.name, a.type, a.url, a.headers, a.max_concurrency, a.ca_file, a.max_answer_bytes,
                    a.settle) == std::tie(b.name, b.type, b.url, b.headers, b.max_concurrency, b.ca_file,
                                          b.max_answer_bytes, b.settle);
  }
};

/// `[section.NAME]`: one part of a context.
struct section_config {
  std::string name;
  std::string provider;
  std::string text;  ///< `query` of a database, `path` of an HTTP service
  section_shape shape = section_shape::object;
  std::vector<std::string> agent_types;  ///< never empty: all of them when the file names none
  bool required = false;
  std::chrono::milliseconds timeout{500};
  place at;

  friend bool operator==(const section_config& a, const section_config& b) {
    return std::tie(a.name, a.provider, a.text, a.shape, a.agent_types, a.required, a.timeout) ==
           std::tie(b.name, b.provider, b.text, b.shape, b.agent_types, b.required, b.timeout);
  }
};

/// All that the daemon is told. Without any source of values, a working setup without providers.
struct daemon_config {
  cache_settings cache;
  fleet_settings fleet;
  std::size_t log_max_messages = 100'000;  ///< about as many the fleet's log retains
  std::chrono::milliseconds log_poll{0};   ///< between two looks at it; 0: wait for the next message instead
  std::string profile;                     ///< empty: none
  std::string redis_url = "redis://localhost:6379";
  std::string listen = "127.0.0.1:8000";
  bool allow_remote = false;
  std::size_t threads = 0;  ///< 0: one for each core
  std::chrono::milliseconds request_timeout{15'000};
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds drain_timeout{10'000};
  std::size_t max_body_bytes = std::size_t{1} << 20;
  std::size_t max_connections = 10'000;
  std::string log_level = "info";
  std::string log_format = "text";
  bool log_customer_ids = false;
  std::vector<provider_config> providers;  ///< in the order of the file, as the sections
  std::vector<section_config> sections;
};

/// A numeric address and a port; port 0 means any free one.
struct endpoint {
  std::string address;
  std::uint16_t port = 0;
  bool loopback = false;
};

/// Reads `listen`: "127.0.0.1:8000", "[::1]:8000", "localhost:8000" (127.0.0.1).
[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string_view text);

}  // namespace ctxcache::config
