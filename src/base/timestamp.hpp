#pragma once

#include <chrono>
#include <string>

namespace ctxcache {

/// "2026-11-22T16:07:48.012Z": civil time for people, in UTC and whole milliseconds (RFC 3339).
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point at);

}  // namespace ctxcache
