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

/// `[segment.NAME]`: customers that are warmed together. One of query, ids and file is given.
struct segment_config {
  std::string name;
  std::string provider{};                     ///< of the query
  std::string query{};                        ///< SQL whose first column is the customer's id
  std::chrono::milliseconds timeout{30'000};  ///< of one page of the query
  std::vector<std::string> customer_ids{};    ///< as given, or those of the file
  std::string file{};                         ///< of ids, one a line; read already
  place at{};

  friend bool operator==(const segment_config& a, const segment_config& b) {
    return std::tie(a.name, a.provider, a.query, a.timeout, a.customer_ids, a.file) ==
           std::tie(b.name, b.provider, b.query, b.timeout, b.customer_ids, b.file);
  }
};

/// `[event."TYPE"]`: what an event of that type invalidates.
struct event_rule_config {
  std::string type;                        ///< a glob
  std::vector<std::string> customer_id{};  ///< JSON pointers, tried in turn; empty: the usual places
  std::string conversation_id{};           ///< a JSON pointer; empty: none
  std::vector<std::string> agent_types{};  ///< empty: all
  bool everything = false;
  place at{};

  friend bool operator==(const event_rule_config& a, const event_rule_config& b) {
    return std::tie(a.type, a.customer_id, a.conversation_id, a.agent_types, a.everything) ==
           std::tie(b.type, b.customer_id, b.conversation_id, b.agent_types, b.everything);
  }
};

enum class missed_policy { run, skip };

/// `[schedule.NAME]`: when segments are warmed. One of cron, before and on_event is given.
struct schedule_config {
  std::string name;
  std::string cron{};
  std::string timezone = "UTC";
  std::string before{};               ///< "08:30 Mon-Fri"
  std::chrono::milliseconds lead{0};  ///< so long before `before`
  std::string on_event{};             ///< a glob over the types of events
  std::vector<std::string> segments{};
  std::vector<std::string> agent_types{};  ///< empty: all
  bool refresh = false;
  std::chrono::milliseconds hold{0};
  std::chrono::milliseconds jitter{0};
  missed_policy missed_runs = missed_policy::run;
  place at{};

  friend bool operator==(const schedule_config& a, const schedule_config& b) {
    return std::tie(a.name, a.cron, a.timezone, a.before, a.lead, a.on_event, a.segments, a.agent_types,
                    a.refresh, a.hold, a.jitter, a.missed_runs) ==
           std::tie(b.name, b.cron, b.timezone, b.before, b.lead, b.on_event, b.segments, b.agent_types,
                    b.refresh, b.hold, b.jitter, b.missed_runs);
  }
};

enum class signature_scheme { standard_webhooks, stripe, zendesk, hmac };

/// `[signature.NAME]`: how events that are posted prove where they come from. With none, all are taken.
struct signature_config {
  std::string name;
  signature_scheme scheme = signature_scheme::standard_webhooks;
  std::vector<std::string> secrets{};  ///< expanded; one of them must fit
  std::chrono::milliseconds tolerance{300'000};
  std::string header{};  ///< hmac
  place at{};

  friend bool operator==(const signature_config& a, const signature_config& b) {
    return std::tie(a.name, a.scheme, a.secrets, a.tolerance, a.header) ==
           std::tie(b.name, b.scheme, b.secrets, b.tolerance, b.header);
  }
};

enum class source_kind { postgres_outbox, sqlite_watch, redis_stream };

/// `[source.NAME]`: where changes come from by themselves.
struct source_config {
  std::string name;
  source_kind type = source_kind::postgres_outbox;
  std::string provider{};          ///< whose database
  std::string stream{};            ///< redis_stream: its key
  std::string group = "ctxcache";  ///< redis_stream: the consumer group
  place at{};

  friend bool operator==(const source_config& a, const source_config& b) {
    return std::tie(a.name, a.type, a.provider, a.stream, a.group) ==
           std::tie(b.name, b.type, b.provider, b.stream, b.group);
  }
};

/// `[warming]`.
struct warming_config {
  std::size_t concurrency = 16;
  double loads_per_second = 0;  ///< 0: no limit but the concurrency
  std::chrono::milliseconds slow_above{50};
  std::chrono::milliseconds expires_within{30'000};
  std::chrono::milliseconds warm_start_budget{2'000};
  std::size_t hot_keys = 1'000;
};

/// `[intake]`.
struct intake_config {
  bool default_rules = true;  ///< behind the configured ones
  std::chrono::milliseconds dedupe_window{600'000};
  std::chrono::milliseconds merge_window{5};
  std::size_t dead_letters_max = 1'000;
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
  warming_config warming;
  intake_config intake;
  std::vector<segment_config> segments;  ///< these too in the order of the file
  std::vector<event_rule_config> event_rules;
  std::vector<schedule_config> schedules;
  std::vector<signature_config> signatures;
  std::vector<source_config> change_sources;
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
