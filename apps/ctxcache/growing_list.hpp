#pragma once

#include <functional>
#include <string>

#include "daemon.hpp"

namespace ctxcache::client {

/// A list of the daemon's that grows at its end and is read by `after`, `limit` and `wait`.
struct growing_list {
  std::string path;
  std::string member;                                           ///< of the answer: the list
  std::string header;                                           ///< a line that names the columns
  std::function<std::string(const boost::json::object&)> line;  ///< of one item, with its line end
};

/// Prints it from behind a place, or else its newest, a line each; with `follow` what comes, too, through
/// outages of the daemon, until it refuses.
[[nodiscard]] exit_code print_list(const daemon& of, const growing_list& what, std::string after,
                                   bool follow);

}  // namespace ctxcache::client
