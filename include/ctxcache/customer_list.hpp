#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "ctxcache/deadline.hpp"
#include "ctxcache/error.hpp"

namespace ctxcache {

/// A list of customers too long to be held: read page by page, and from any place of it on.
/// Safe to call from every thread. Implementations: providers/segment.
class customer_list {
 public:
  struct page {
    std::vector<std::string> ids;  ///< not empty but after the last; each once; at most 5,000
    std::string last;              ///< where the next page goes on; empty: this was the last page
  };
  virtual ~customer_list() = default;
  /// The page behind `after`, which an earlier page gave as its `last`; the first page for an empty one.
  /// Errors: provider_*, deadline_exceeded, overloaded, shutting_down.
  [[nodiscard]] virtual boost::asio::awaitable<result<page>> next(std::string after, deadline until) = 0;
};

}  // namespace ctxcache
