#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ctxcache/deadline.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache {

/// A whole context, freshly asked for.
struct provided_context {
  std::string body;      ///< the JSON document that will be served
  bool partial = false;  ///< an optional section failed: kept for a short while only
  bool unknown = false;  ///< the customer does not exist; `body` is ignored
  /// How long after a write the source may still answer without it, a minute at most. What is asked for
  /// sooner than that after a matching invalidation is answered and not kept.
  std::chrono::milliseconds settle{0};
};

/// Knows the truth: answers the whole context of a key. Called from any of the orchestrator's executors, many
/// calls at a time, at most one for each key. Errors: provider_*, deadline_exceeded, overloaded,
/// shutting_down.
class context_source {
 public:
  virtual ~context_source() = default;
  [[nodiscard]] virtual boost::asio::awaitable<result<provided_context>> load(key wanted, deadline until) = 0;
  /// Whether two bodies say the same, but for when and how they were loaded.
  [[nodiscard]] virtual bool same(std::string_view a, std::string_view b) const { return a == b; }
};

/// What a section asks of its provider.
enum class section_shape {
  object,  ///< the first row as an object
  rows,    ///< an array of objects
  value,   ///< the first column of the first row as JSON; HTTP: the body as it is
};

struct section_query {
  std::string name;  ///< the section's name; also names the prepared statement
  std::string text;  ///< SQL with $1 (customer) and $2 (conversation), or a URL path with {customer_id}
  section_shape shape = section_shape::object;
  std::chrono::milliseconds timeout{500};
};

struct section_answer {
  std::string json;    ///< one JSON value; `null`, or `[]` for rows, when empty
  bool empty = false;  ///< no row, or 404
};

/// One connection to a database or service. Safe to call from every thread.
/// Implementations: postgres, http, sqlite; one conformance suite runs over all of them.
class provider {
 public:
  virtual ~provider() = default;
  /// Ends at the deadline or after the section's timeout, whichever comes first.
  [[nodiscard]] virtual boost::asio::awaitable<result<section_answer>> ask(const section_query& query,
                                                                           key wanted, deadline until) = 0;
  struct health {
    bool up = true;
    std::string detail;  ///< kind and address without secrets, and the last error
  };
  [[nodiscard]] virtual health report() const = 0;
  [[nodiscard]] virtual boost::asio::awaitable<void> stop() = 0;
};

}  // namespace ctxcache
