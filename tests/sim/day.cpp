#include "day.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/assert.hpp"
#include "world/clients.hpp"
#include "world/faults.hpp"
#include "world/world.hpp"

namespace ctxcache::sim {
namespace {

/// Of all keys at all daemons, each loaded and then read: which part comes out of a cache.
double hit_rate(world& in, clients& asking) {
  const auto& reads = in.log().reads;
  std::size_t first = 0;
  for (const auto how : {clients::manner::bypass, clients::manner::plain}) {
    first = reads.size();
    for (std::size_t place = 0; place < daemons; ++place) {
      for (const auto& one : in.keys()) asking.read(place, one, how);
    }
    const auto answered = first + daemons * in.keys().size();
    if (!in.run_until([&] { return reads.size() >= answered; }, std::chrono::seconds{1})) return 0;
  }
  const auto hits = std::count_if(reads.begin() + static_cast<std::ptrdiff_t>(first), reads.end(),
                                  [](const auto& one) { return one.source == "l1" || one.source == "l2"; });
  return static_cast<double>(hits) / static_cast<double>(reads.size() - first);
}

/// V7, long after the last fault: all are licensed, no journal holds anything, what has been read comes from
/// L1, and as much of all as before the first fault comes out of a cache. And nobody has ever seen what the
/// inspector looks for.
std::vector<std::string> look_around(world& in, clients& asking, double hit_rate_before) {
  std::vector<std::string> wrong;
  for (std::size_t place = 0; place < daemons; ++place) {
    const auto& one = in.at(place);
    CTX_ASSERT(one != nullptr);
    const auto stands = one->cache().fleet();
    if (!stands.joined) wrong.push_back(one->name() + " has not joined");
    if (!stands.licensed) wrong.push_back(one->name() + " is not licensed");
    if (stands.queued != 0) wrong.push_back(one->name() + " has invalidations queued");
    if (one->cache().stats().inspected_violation != 0)
      wrong.push_back(one->name() + " inspected a violation");
    for (const auto how : {clients::manner::bypass, clients::manner::plain}) {
      asking.read(place, in.keys().front(), how);
      in.run_for(std::chrono::milliseconds{200});
    }
    const auto& last = in.log().reads.back();
    if (last.source != "l1") wrong.push_back(one->name() + " does not keep what it reads");
  }
  const auto now = hit_rate(in, asking);
  if (now < 0.9 * hit_rate_before) {
    wrong.push_back("the hit rate was " + std::to_string(hit_rate_before) + " and is " + std::to_string(now));
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
    // What providers that lag answer is not kept at first.
    const auto morning = std::chrono::milliseconds{300} +
                         (today.settle.count() > 0 ? std::chrono::milliseconds{1'000} + today.settle
                                                   : std::chrono::milliseconds{0});
    const auto night = in.now() + morning + today.length;
    clients asking{in, night};
    faults failing{in, night};
    in.run_for(morning);
    const auto hits_before = hit_rate(in, asking);
    asking.begin();
    failing.begin();
    const auto& constants = today.fleet.constants;
    in.run_until(night + std::chrono::milliseconds{3'000} + 3 * (constants.licence + constants.grace));
    lived.after = look_around(in, asking, hits_before);
    if (!in.end()) lived.after.emplace_back("something does not end");
    lived.log = std::move(in.log());
  }
  lived.found = history::check(lived.log);
  return lived;
}

}  // namespace ctxcache::sim
