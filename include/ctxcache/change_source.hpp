#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "ctxcache/deadline.hpp"
#include "ctxcache/error.hpp"

namespace ctxcache {

/// What somebody says has changed, as one CloudEvent.
struct change {
  std::string type;      ///< e.g. "ticket.created"
  std::string source{};  ///< who says so
  std::string id{};      ///< names the event together with `source`; empty: repetitions cannot be recognised
  std::string document;  ///< the whole event as one JSON object (CloudEvents' structured form): rules find
                         ///< the customer in it by JSON pointer
};

/// Where changes come from by themselves: a database's outbox, a stream. At least once: what has not been
/// confirmed is given again, to this process or to another.
/// One instance belongs to one executor, and one coroutine at a time calls it. None of its calls throws.
/// Implementations: providers/pg_outbox, providers/sqlite_watch, redis/redis_event_stream.
class change_source {
 public:
  struct batch {
    std::vector<change> changes;  ///< in their order; at most 1,000
    std::string upto;             ///< names this batch to `confirm`
  };

  virtual ~change_source() = default;
  /// Waits until there are some, at most until then: an empty batch. Errors: provider_* or l2_*; the next
  /// call connects again.
  [[nodiscard]] virtual boost::asio::awaitable<result<batch>> next(deadline until) = 0;
  /// All of the batch has taken effect: it is not given again.
  [[nodiscard]] virtual boost::asio::awaitable<result<void>> confirm(std::string upto, deadline until) = 0;
  /// What it is and where, without secrets: for logs and metrics.
  [[nodiscard]] virtual std::string name() const = 0;
  /// Ends a `next` under way and closes connections.
  [[nodiscard]] virtual boost::asio::awaitable<void> stop() = 0;
};

}  // namespace ctxcache
