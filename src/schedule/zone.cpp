#include "schedule/zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace ctxcache::schedule {

std::variant<zone, problem> zone::find(std::string_view name) {
  try {
    return zone{date::locate_zone(name)};
  } catch (const std::runtime_error&) {
    // The library says no more than that: the name is unknown, or there is no database at all.
    return problem{
        fmt::format("\"{}\" is no time zone that this machine's tzdata knows; they have names "
                    "like Europe/Berlin, America/New_York and UTC",
                    name)};
  }
}

zone::stretch zone::around(instant at) const {
  const auto found = zone_->get_info(date::sys_seconds{at.time_since_epoch()});
  return {instant{found.begin.time_since_epoch()}, instant{found.end.time_since_epoch()}, found.offset};
}

instant zone::first(civil show) const {
  // No clock is a whole day away from UTC, so nothing before this stretch shows that.
  auto now = around(instant{show.time_since_epoch()} - std::chrono::days{1});
  while (now.when(show) >= now.end) now = around(now.end);
  return std::max(now.when(show), now.begin);
}

const std::string& zone::name() const {
  return zone_->name();
}

}  // namespace ctxcache::schedule
