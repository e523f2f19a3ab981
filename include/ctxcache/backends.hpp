#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ctxcache/change_source.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/l2_cache.hpp"
#include "ctxcache/log_store.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache {

/// How to reach Redis.
struct l2_options {
  /// `redis://[user[:password]@]host[:port][/database]`, user and password percent-encoded.
  std::string url = "redis://localhost:6379";
  std::string client_name = "ctxcache";              ///< what `CLIENT LIST` shows
  std::chrono::milliseconds connect_timeout{1'000};  ///< for one attempt: name, TCP, AUTH
  std::chrono::milliseconds reconnect_min{50};       ///< pause before the next attempt; it doubles
  std::chrono::milliseconds reconnect_max{2'000};    ///< up to here
};

/// The shared tier in Redis, over one connection that is kept up in the background. Belongs to `home`, which
/// must run until `stop` has returned; `time` outlives it. Redis need not be there: until it is, calls fail
/// at once with l2_unavailable. errc::invalid_config for options that cannot work; `redis_url_problem` says
/// why. The other back end is `make_null_l2` (l2_cache.hpp).
[[nodiscard]] result<std::unique_ptr<l2_cache>> make_redis_l2(boost::asio::any_io_executor home,
                                                              const l2_options& options,
                                                              const clock& time = machine_clock());

/// Where the shared log is and how it is kept.
struct log_store_options {
  std::string url = "redis://localhost:6379";  ///< as in l2_options
  /// What its two keys begin with: in braces, so that a cluster keeps them together; not `context:`, so that
  /// no pattern reaches them.
  std::string prefix = "{ctxcache}";
  std::uint64_t log_max_messages = 100'000;  ///< about as many are retained
  fleet_constants constants{};               ///< for a log that does not exist yet
  /// Between two looks at the log's end. 0: Redis holds each look back until there is something new, which is
  /// sooner and costs less; some proxies and hosted servers do not allow it.
  std::chrono::milliseconds poll{0};
  std::string client_name = "ctxcache-log";
  std::chrono::milliseconds connect_timeout{1'000};
  std::chrono::milliseconds reconnect_min{50};
  std::chrono::milliseconds reconnect_max{2'000};
};

/// The log in Redis, over two connections that are kept up in the background, the second from the first
/// `tail` on. Otherwise as `make_redis_l2`.
[[nodiscard]] result<std::unique_ptr<log_store>> make_redis_log_store(boost::asio::any_io_executor home,
                                                                      const log_store_options& options,
                                                                      const clock& time = machine_clock());

/// Where the fleet's shared facts are.
struct shared_store_options {
  std::string url = "redis://localhost:6379";  ///< as in l2_options
  std::string prefix = "{ctxcache}";           ///< as in log_store_options
  std::string client_name = "ctxcache-shared";
  std::chrono::milliseconds connect_timeout{1'000};
  std::chrono::milliseconds reconnect_min{50};
  std::chrono::milliseconds reconnect_max{2'000};
};

/// Shared facts in Redis, over one connection that is kept up in the background. Otherwise as
/// `make_redis_l2`. For a process without Redis there is `make_local_shared_store` (shared_store.hpp).
[[nodiscard]] result<std::unique_ptr<shared_store>> make_redis_shared_store(
    boost::asio::any_io_executor home, const shared_store_options& options,
    const clock& time = machine_clock());

/// A stream in Redis that others write events into.
struct change_stream_options {
  std::string url = "redis://localhost:6379";  ///< as in l2_options
  std::string stream;                          ///< its key
  std::string group = "ctxcache";
  /// Names this process in the group, nobody else; the same one after a restart goes on at once.
  std::string consumer;
  /// What another consumer has been given and not confirmed for so long, it will not confirm.
  std::chrono::milliseconds take_over_after{5'000};
  std::string client_name = "ctxcache-stream";
  std::chrono::milliseconds connect_timeout{1'000};
  std::chrono::milliseconds reconnect_min{50};
  std::chrono::milliseconds reconnect_max{2'000};
};

/// The changes that a stream tells of, over one connection that is kept up in the background. A group that
/// does not exist is made, and begins with the stream's first entry.
///
/// An entry is an event: in its field `event`, or its only field `data`, a CloudEvent as JSON; else its
/// fields are the event's members (`type`, `customer_id`, …). One that says no type or cannot be read is a
/// change without type whose document says why, and what was there.
///
/// On bad days `next` takes up to 2 s longer than it may. Otherwise as `make_redis_l2`.
[[nodiscard]] result<std::unique_ptr<change_source>> make_redis_change_stream(
    boost::asio::any_io_executor home, const change_stream_options& options,
    const clock& time = machine_clock());

/// What is wrong with a `redis_url`, as the rest of a sentence ("names no host"); empty when nothing is.
/// Never contains the password.
[[nodiscard]] std::string redis_url_problem(std::string_view url);

}  // namespace ctxcache
