#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "base/timestamp.hpp"
#include "schedule/cron.hpp"

namespace ctxcache::schedule {

/// "2026-03-29T01:00" or "2026-03-29T01:00:00", in UTC.
inline instant at(const std::string& text) {
  const auto part = [&](std::size_t begin, std::size_t size) { return std::stoi(text.substr(begin, size)); };
  const std::chrono::sys_days day{std::chrono::year{part(0, 4)} / part(5, 2) / part(8, 2)};
  const std::chrono::seconds second{text.size() > 17 ? part(17, 2) : 0};
  return day + std::chrono::hours{part(11, 2)} + std::chrono::minutes{part(14, 2)} + second;
}

inline std::string text(instant when) {
  return timestamp(when).substr(0, 16);
}

inline zone zone_named(const std::string& name) {
  auto found = zone::find(name);
  if (const auto* refused = std::get_if<problem>(&found)) throw std::runtime_error{refused->why};
  return std::get<zone>(found);
}

inline cron cron_of(const std::string& expression, const std::string& zone_name = "UTC") {
  auto parsed = cron::parse(expression, zone_named(zone_name));
  if (const auto* refused = std::get_if<problem>(&parsed)) throw std::runtime_error{refused->why};
  return std::get<cron>(parsed);
}

/// The next times, to the minute.
inline std::vector<std::string> next_times(const cron& times, instant after, int count) {
  std::vector<std::string> all;
  for (auto next = times.next(after); next && count > 0; next = times.next(*next), --count) {
    all.push_back(text(*next));
  }
  return all;
}

}  // namespace ctxcache::schedule
