#include "world/world.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "support/virtual_disk.hpp"

namespace ctxcache::sim {

namespace asio = boost::asio;

namespace {

constexpr boot_clock::duration replica_lag = std::chrono::microseconds{300};

}  // namespace

world::world(const conditions& today, std::uint64_t seed)
    : today_(today), chance_(seed), providers_(today.settle), redis_(std::make_shared<server>()) {
  const auto& constants = today_.fleet.constants;
  log_.bounds = {.licence = constants.licence,
                 .grace = constants.grace,
                 .own_loads = constants.own_loads,
                 .l2_ttl = today_.cache.l2_cache_ttl,
                 .load_deadline = constants.load_deadline,
                 .wait_all = today_.wait_all()};
  for (std::size_t i = 0; i < today_.customers; ++i) {
    const auto customer = "c" + std::to_string(i);
    providers_.commit(customer, 1);
    log_.commits.push_back({customer, 1, now_in_history(), now_in_history()});
    for (const auto& agent_type : today_.cache.agent_types) {
      keys_.push_back(*key::make({customer, agent_type}));
      if (i == 0) keys_.push_back(*key::make({customer, agent_type, "v1"}));
    }
  }
  if (today_.replica) attach_replica();
  for (std::size_t place = 0; place < daemons; ++place) start(place);
}

world::~world() {
  heal_disks();
}

void world::trouble_disks(unsigned percent) {
  using test::virtual_disk::fate;
  test::virtual_disk::fates() = [this, percent] {
    if (!chance_.percent(percent)) return fate::done;
    return chance_.percent(50) ? fate::cut_short : fate::failed;
  };
}

void world::heal_disks() {
  test::virtual_disk::fates() = {};
}

void world::start(std::size_t place) {
  const auto name = std::string(1, static_cast<char>('a' + place)) + "." + std::to_string(++starts_[place]);
  auto& journal = journals_[place];
  journal = journal_of(name, journal);
  const process::surroundings in{
      .today = today_, .providers = providers_, .redis = redis_, .log = log_, .chance = chance_};
  running_[place] = std::make_shared<process>(name, in, journal);
  all_.push_back(running_[place]);
}

// A file of its own for each start, since the one before may still hold the lock of its journal.
std::string world::journal_of(const std::string& name, const std::string& before) const {
  if (today_.folder.empty()) return "";
  auto path = today_.folder + "/" + name;
  std::filesystem::remove(path);
  if (!before.empty() && std::filesystem::exists(before)) std::filesystem::copy_file(before, path);
  return path;
}

void world::crash(std::size_t place) {
  std::exchange(running_[place], nullptr)->crash();
}

void world::leave(std::size_t place) {
  std::exchange(running_[place], nullptr)->leave();
}

void world::fail_over(boot_clock::duration delay) {
  const auto old = std::exchange(redis_, std::make_shared<server>(redis_->promote_replica()));
  old_masters_.push_back(old);
  if (delay > delay.zero()) {
    const auto until = std::chrono::floor<std::chrono::microseconds>(delay).count() + 1;
    log_.faults.push_back({"split", now_in_history(), now_in_history() + until});
  }
  // All that led to the old master, wherever it is then.
  const auto move = [this, old](const std::shared_ptr<process>& one) {
    if (one->redis().to() == old) one->redis().lead_to(redis_);
  };
  for (const auto& one : all_) {
    const auto after = delay > delay.zero() ? chance_.between(boot_clock::duration{0}, delay) : delay;
    time().after(after, [move, one] { move(one); });
  }
  time().after(delay, [old] { old->stop(); });
}

void world::attach_replica() {
  redis_->attach_replica(replica_lag);
}

void world::begin(asio::awaitable<void> work) {
  works_.spawn(loop_.get_executor(), "work", std::move(work));
}

asio::awaitable<void> world::rest(boot_clock::duration how_long) {
  timer pause{loop_.get_executor(), how_long};
  co_await pause.async_wait(asio::use_awaitable);
}

void world::turn() {
  bool more = true;
  while (more) {
    more = loop_.poll() > 0;
    for (std::size_t i = 0; i < all_.size(); ++i) more = all_[i]->turn() || more;
  }
}

void world::run_until(time_point end) {
  do {
    turn();
  } while (time().step(end));
}

bool world::run_until(const std::function<bool()>& holds, boot_clock::duration limit) {
  const auto end = now() + limit;
  for (;;) {
    turn();
    if (holds()) return true;
    if (!time().step(end)) return false;
  }
}

bool world::end() {
  works_.close();
  for (const auto& one : all_) one->bury();
  return run_until(
      [this] {
        return works_.running() == 0 &&
               std::ranges::all_of(all_, [](const auto& one) { return one->ended(); });
      },
      std::chrono::seconds{60});
}

}  // namespace ctxcache::sim
