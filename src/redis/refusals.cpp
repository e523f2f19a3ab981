#include "redis/refusals.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace ctxcache::redis {

void refusals::log(std::string_view address, std::string_view error, time_point now) {
  constexpr std::size_t kinds_max = 32;
  constexpr auto silence = std::chrono::minutes{1};
  std::string kind{without_arguments(error.substr(0, error.find(' ')))};
  const auto known = logged_.find(kind);
  if (known == logged_.end() ? logged_.size() >= kinds_max : now - known->second < silence) return;
  logged_.insert_or_assign(std::move(kind), now);
  log::out().warn("{} refuses: {}", address, without_arguments(error));
}

std::string_view without_arguments(std::string_view error) {
  constexpr std::size_t text_bytes_max = 100;
  return error.substr(0, std::min(error.find_first_of("'`\""), text_bytes_max));
}

// Before 7.0 it stands within what is said of a script.
bool says_replica(std::string_view error) {
  return error.starts_with("READONLY ") || error.find(" -READONLY ") != error.npos;
}

}  // namespace ctxcache::redis
