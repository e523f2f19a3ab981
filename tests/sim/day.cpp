#include "day.hpp"

#include <chrono>

#include "base/assert.hpp"
#include "world/clients.hpp"
#include "world/faults.hpp"
#include "world/world.hpp"

namespace ctxcache::sim {
namespace {

/// V7, long after the last fault: all are licensed, no journal holds anything, and what has been read
/// comes from L1.
std::vector<std::string> look_around(world& in, clients& asking) {
  std::vector<std::string> wrong;
  for (std::size_t place = 0; place < daemons; ++place) {
    const auto& one = in.at(place);
    CTX_ASSERT(one != nullptr);
    const auto stands = one->cache().fleet();
    if (!stands.joined) wrong.push_back(one->name() + " has not joined");
    if (!stands.licensed) wrong.push_back(one->name() + " is not licensed");
    if (stands.queued != 0) wrong.push_back(one->name() + " has invalidations queued");
    for (const auto how : {clients::manner::bypass, clients::manner::plain}) {
      asking.read(place, in.keys().front(), how);
      in.run_for(std::chrono::milliseconds{200});
    }
    const auto& last = in.log().reads.back();
    if (last.source != "l1") wrong.push_back(one->name() + " does not keep what it reads");
  }
  return wrong;
}

}  // namespace

day live(std::uint64_t seed, const std::string& folder) {
  test::virtual_time::now_running().begin(seed);
  dice weather{seed ^ 0x9E3779B97F4A7C15u};
  const auto today = some_conditions(weather, folder);
  day lived;
  {
    world in{today, seed};
    const auto night = in.now() + today.length;
    clients asking{in, night};
    faults failing{in, night};
    in.run_for(std::chrono::milliseconds{300});
    asking.begin();
    failing.begin();
    const auto& constants = today.fleet.constants;
    in.run_until(night + std::chrono::milliseconds{3'000} + 3 * (constants.licence + constants.grace));
    lived.after = look_around(in, asking);
    if (!in.end()) lived.after.emplace_back("something does not end");
    lived.log = std::move(in.log());
  }
  lived.found = history::check(lived.log);
  return lived;
}

}  // namespace ctxcache::sim
