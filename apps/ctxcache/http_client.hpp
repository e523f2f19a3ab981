#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "exit_code.hpp"
#include "url.hpp"

namespace ctxcache::client {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method = "GET";
  std::string path{};  ///< with its query, encoded
  std::string body{};  ///< JSON, when there is any
  header_list headers{};
};

struct http_response {
  unsigned status = 0;
  std::string reason;
  header_list headers;  ///< in their order
  std::string body;
};

/// Why something could not be done: for the user, and for the script that looks at the exit code.
struct failure {
  exit_code code = exit_code::failure;
  std::string text{};
};

template <class T>
using outcome = boost::system::result<T, failure>;

/// Sends one request on a connection of its own and reads the answer, whatever its status. Fails with
/// `unreachable` when there is no whole answer within `limit`.
[[nodiscard]] outcome<http_response> exchange(const daemon_address& with, const http_request& what,
                                              std::chrono::milliseconds limit);

}  // namespace ctxcache::client
