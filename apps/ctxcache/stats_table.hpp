#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "terminal.hpp"

namespace ctxcache::client {

/// Statistics of a daemon for people.
[[nodiscard]] std::string stats_table(const boost::json::object& stats);

/// The same for `top`: what happened between two answers, for each second of the `seconds` between them.
[[nodiscard]] std::string rates_table(const boost::json::object& before, const boost::json::object& now,
                                      double seconds, const terminal& screen);

}  // namespace ctxcache::client
