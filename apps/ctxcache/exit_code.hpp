#pragma once

namespace ctxcache::client {

/// What the client ends with. Scripts depend on the numbers.
enum class exit_code {
  ok = 0,
  failure = 1,
  usage = 2,
  not_found = 3,
  not_allowed = 4,
  unreachable = 5,
  partly_done = 6,
};

}  // namespace ctxcache::client
