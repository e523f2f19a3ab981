#include "world/process.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "base/assert.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"
#include "redis/l2.hpp"
#include "redis/log_store.hpp"

namespace ctxcache::sim {

namespace asio = boost::asio;

namespace {

constexpr std::int64_t million = 1'000'000;
constexpr std::size_t drift_max = 5'000;  // of a million: half a percent, so that two differ by one

}  // namespace

skewed_clock::skewed_clock(dice& chance)
    : began_(test::virtual_time::now_running().now()),
      offset_(chance.between(std::chrono::seconds{0}, std::chrono::hours{1'000})),
      per_million_(static_cast<std::int64_t>(chance.below(2 * drift_max + 1)) -
                   static_cast<std::int64_t>(drift_max)) {}

time_point skewed_clock::now() const noexcept {
  const auto passed = test::virtual_time::now_running().now() - began_;
  return began_ + offset_ + passed + passed * per_million_ / million;
}

std::chrono::system_clock::time_point skewed_clock::wall() const noexcept {
  return test::virtual_time::now_running().wall();
}

process::process(std::string name, const surroundings& in, std::string journal)
    : name_(std::move(name)),
      journal_(std::move(journal)),
      time_(in.chance),
      wire_(std::make_shared<wire>(loop_.get_executor(), in.chance, in.redis)) {
  auto fleet = in.today.fleet;
  fleet.journal_path = journal_;
  const log_store::options how{.constants = fleet.constants, .log_max_messages = in.today.log_max_messages};
  orchestrator::parts parts{.source = std::make_shared<source>(in.providers, in.chance, loop_.get_executor(),
                                                               time_, name_, dead_, in.log),
                            .time = &time_,
                            .log = std::make_unique<log_store>(wire_, how, time_),
                            .fleet = std::move(fleet)};
  parts.lanes.push_back({loop_.get_executor(), std::make_unique<l2>(wire_, time_)});
  cache_ = std::make_unique<orchestrator>(in.today.cache, std::move(parts));
  itself_.spawn(loop_.get_executor(), "start", start());
}

asio::awaitable<void> process::start() {
  timer pause{loop_.get_executor()};
  while (true) {
    const auto until = deadline::after(time_.now(), std::chrono::milliseconds{300});
    const auto begun = co_await cache_->start(until);
    if (begun) break;
    // Its disk is in trouble. It ends, and is started again.
    pause.expires_after(std::chrono::milliseconds{50});
    co_await pause.async_wait(quietly);
  }
}

bool process::spawn(asio::awaitable<void> call) {
  return calls_.spawn(loop_.get_executor(), "call", std::move(call));
}

void process::leave() {
  if (std::exchange(leaving_, true)) return;
  asio::co_spawn(loop_, end(), [this](const std::exception_ptr& failure) {
    CTX_ASSERT(!failure);
    ended_ = true;
  });
}

void process::bury() {
  if (dead_) {
    wire_->suffer({.refused = true});
    wire_->break_all();
  } else {
    wire_->heal();
  }
  paused_ = false;
  buried_ = true;
  leave();
}

asio::awaitable<void> process::end() {
  co_await calls_.drain();
  co_await itself_.drain();
  co_await cache_->stop();
}

}  // namespace ctxcache::sim
