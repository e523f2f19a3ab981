#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "ctxcache/l2_cache.hpp"
#include "flight/flight.hpp"

namespace ctxcache {

/// An event loop of one thread with its Redis connections and the loads of the keys whose home it is.
/// Everything here is touched from `executor` only.
struct lane_state {
  boost::asio::any_io_executor executor;
  std::unique_ptr<l2_cache> l2;
  flight::table flights;
};

}  // namespace ctxcache
