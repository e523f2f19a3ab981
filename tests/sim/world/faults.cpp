#include "world/faults.hpp"

#include <array>
#include <utility>

namespace ctxcache::sim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

void faults::begin() {
  for (int i = 0; i < 2; ++i) world_.begin(keep_failing());
}

boot_clock::duration faults::some_time() {
  return world_.chance().skewed(20ms, 1'800ms);
}

void faults::note(const std::string& kind, history::instant from) {
  world_.log().faults.push_back({kind, from, now_in_history()});
}

asio::awaitable<void> faults::keep_failing() {
  using kind = asio::awaitable<void> (faults::*)();
  // What stands there twice happens twice as often.
  constexpr std::array<kind, 14> kinds{&faults::cut_off,
                                       &faults::cut_off,
                                       &faults::break_connections,
                                       &faults::choke,
                                       &faults::pause,
                                       &faults::pause,
                                       &faults::restart_daemon,
                                       &faults::lose_data,
                                       &faults::restart_redis,
                                       &faults::fail_over,
                                       &faults::fail_over,
                                       &faults::hold_replication,
                                       &faults::trouble_providers,
                                       &faults::trouble_disks};
  auto& chance = world_.chance();
  while (world_.now() < until_) {
    co_await world_.rest(chance.between(50ms, 900ms));
    if (world_.now() >= until_) co_return;
    const auto what = chance.one_of(kinds);
    auto failing = (this->*what)();
    co_await std::move(failing);
  }
}

// The way of one daemon to Redis: nothing gets through, or answers do not, or it is slow, or refused.
asio::awaitable<void> faults::cut_off() {
  auto& chance = world_.chance();
  const auto whom = world_.at(chance.below(daemons));
  if (!whom) co_return;
  const auto from = now_in_history();
  wire::faults how;
  switch (chance.below(4)) {
    case 0:
      how.deaf = how.mute = true;
      how.late_requests = chance.percent(50);
      break;
    case 1:
      how.mute = true;
      break;
    case 2:
      how.latency_min = 5ms;
      how.latency_max = 300ms;
      break;
    default:
      how.refused = true;
      whom->redis().break_all();
  }
  whom->redis().suffer(how);
  co_await world_.rest(some_time());
  if (!whom->dead()) whom->redis().heal();
  note("cut off", from);
}

asio::awaitable<void> faults::break_connections() {
  const auto whom = world_.at(world_.chance().below(daemons));
  if (whom) whom->redis().break_all();
  note("connections broken", now_in_history());
  co_return;
}

asio::awaitable<void> faults::pause() {
  const auto whom = world_.at(world_.chance().below(daemons));
  if (!whom) co_return;
  const auto from = now_in_history();
  whom->pause(true);
  co_await world_.rest(some_time());
  whom->pause(false);
  note("paused", from);
}

// A machine in trouble: its network slows down, it stands still, and when it goes on its network is away.
asio::awaitable<void> faults::choke() {
  auto& chance = world_.chance();
  const auto whom = world_.at(chance.below(daemons));
  if (!whom) co_return;
  const auto from = now_in_history();
  wire::faults how;
  how.latency_min = 5ms;
  how.latency_max = 40ms;
  whom->redis().suffer(how);
  co_await world_.rest(chance.between(50ms, 200ms));
  whom->pause(true);
  co_await world_.rest(chance.between(1ms, 60ms));
  how.deaf = how.mute = true;
  whom->redis().suffer(how);
  co_await world_.rest(chance.between(50ms, 1'500ms));
  whom->pause(false);
  co_await world_.rest(chance.between(1ms, 500ms));
  if (!whom->dead()) whom->redis().heal();
  note("choked", from);
}

asio::awaitable<void> faults::restart_daemon() {
  auto& chance = world_.chance();
  const auto place = chance.below(daemons);
  if (!world_.at(place)) co_return;
  const auto from = now_in_history();
  if (chance.percent(70)) {
    world_.crash(place);
  } else {
    world_.leave(place);
  }
  co_await world_.rest(some_time());
  world_.start(place);
  note("daemon restarted", from);
}

asio::awaitable<void> faults::lose_data() {
  auto& redis = world_.redis();
  if (redis_troubled_ || !redis.up()) co_return;
  constexpr std::array<void (server::*)(), 4> losses{&server::flush, &server::evict_log, &server::evict_meta,
                                                     &server::evict_values};
  (redis.*losses[world_.chance().below(losses.size())])();
  note("data lost", now_in_history());
}

// One server: what it had written to disk is up to half a second old.
asio::awaitable<void> faults::restart_redis() {
  if (std::exchange(redis_troubled_, true)) co_return;
  auto& chance = world_.chance();
  const auto from = now_in_history();
  auto saved = world_.redis().data();
  co_await world_.rest(chance.skewed(100us, 500ms));
  world_.redis().stop();
  for (std::size_t place = 0; place < daemons; ++place) {
    if (const auto& one = world_.at(place)) one->redis().break_all();
  }
  co_await world_.rest(chance.skewed(1ms, 800ms));
  world_.redis().restart(std::move(saved));
  redis_troubled_ = false;
  note("Redis restarted", from);
}

// With the end of the log, or without when the replica lagged behind; the old master may live on.
asio::awaitable<void> faults::fail_over() {
  if (!world_.today().replica || std::exchange(redis_troubled_, true)) co_return;
  auto& chance = world_.chance();
  const auto from = now_in_history();
  if (chance.percent(50)) {
    world_.redis().hold_replication(true);
    co_await world_.rest(chance.skewed(100us, 400ms));
  }
  const auto zombie = chance.percent(60) ? chance.between(20ms, 1'500ms) : boot_clock::duration::zero();
  world_.fail_over(zombie);
  co_await world_.rest(zombie + chance.skewed(1ms, 300ms));
  world_.attach_replica();
  redis_troubled_ = false;
  note("failover", from);
}

asio::awaitable<void> faults::hold_replication() {
  if (!world_.today().replica || std::exchange(redis_troubled_, true)) co_return;
  const auto from = now_in_history();
  world_.redis().hold_replication(true);
  co_await world_.rest(some_time());
  world_.redis().hold_replication(false);
  redis_troubled_ = false;
  note("replication held", from);
}

asio::awaitable<void> faults::trouble_providers() {
  auto& chance = world_.chance();
  const auto from = now_in_history();
  auto& providers = world_.providers();
  providers.slowest = 400ms;
  providers.failing_percent = chance.percent(50) ? 40 : 0;
  co_await world_.rest(some_time());
  providers.slowest = truth::well;
  providers.failing_percent = 0;
  note("providers troubled", from);
}

// Under the journals: writes fail, or end in the middle; syncs and cuts fail.
asio::awaitable<void> faults::trouble_disks() {
  if (std::exchange(disks_troubled_, true)) co_return;
  auto& chance = world_.chance();
  const auto from = now_in_history();
  world_.trouble_disks(chance.percent(50) ? 30 : 100);
  co_await world_.rest(some_time());
  world_.heal_disks();
  disks_troubled_ = false;
  note("disks troubled", from);
}

}  // namespace ctxcache::sim
