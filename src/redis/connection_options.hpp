#pragma once

#include <chrono>
#include <utility>
#include <variant>

#include "ctxcache/error.hpp"
#include "redis/connection.hpp"
#include "redis/topology.hpp"

namespace ctxcache::redis {

/// How to connect, from the public options of a back end, which all call these things alike.
/// errc::invalid_config for what cannot work.
template <class Options>
[[nodiscard]] result<connection::options> connection_options(const Options& from) {
  const auto zero = std::chrono::milliseconds::zero();
  auto where = parse_url(from.url);
  if (!std::holds_alternative<server>(where) || from.connect_timeout <= zero || from.reconnect_min <= zero ||
      from.reconnect_max < from.reconnect_min) {
    return errc::invalid_config;
  }
  return connection::options{.where = std::get<server>(std::move(where)),
                             .client_name = from.client_name,
                             .connect_timeout = from.connect_timeout,
                             .reconnect_min = from.reconnect_min,
                             .reconnect_max = from.reconnect_max};
}

}  // namespace ctxcache::redis
