#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "ctxcache/clock.hpp"

namespace ctxcache::redis {

/// Logs what the server refuses to do: each kind of error (its first word: OOM, NOPERM, …) once a minute, and
/// only the part of its text that cannot hold an argument, for arguments hold ids.
class refusals {
 public:
  void log(std::string_view address, std::string_view error, time_point now);

 private:
  std::unordered_map<std::string, time_point> logged_;  // when; a few kinds at most
};

/// The text of an error up to where it may begin to quote its command, 100 bytes at most.
[[nodiscard]] std::string_view without_arguments(std::string_view error);

/// Whether a server refuses because it is a replica, which takes no writes.
[[nodiscard]] bool says_replica(std::string_view error);

}  // namespace ctxcache::redis
