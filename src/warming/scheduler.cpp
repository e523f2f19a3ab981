#include "warming/scheduler.hpp"

#include <fmt/format.h>

#include <deque>
#include <utility>

#include "base/gate.hpp"
#include "base/random.hpp"
#include "base/run_on.hpp"
#include "warming/schedule_follower.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;

class scheduler::impl {
 public:
  impl(std::vector<schedule_spec> schedules, parts with) : with_(std::move(with)) {
    for (auto& one : schedules) followers_.emplace_back(std::move(one), with_, process_, background_);
  }

  void begin() {
    for (auto& one : followers_) background_.spawn(with_.home, "schedule", one.follow());
  }

  void heard(const std::string& type) {
    for (auto& one : followers_) {
      if (one.listens_to(type)) background_.spawn(with_.home, "schedule's event", tell(one, type));
    }
  }

  [[nodiscard]] std::vector<schedule_status> status() const {
    std::vector<schedule_status> all;
    for (const auto& one : followers_) all.push_back(one.status());
    return all;
  }

  asio::awaitable<void> stop() {
    background_.close();
    auto waking = wake_all();
    co_await run_on(with_.home, std::move(waking));
    co_await background_.drain();
  }

 private:
  static asio::awaitable<void> tell(schedule_follower& one, std::string type) {
    one.heard(std::move(type));
    co_return;
  }
  asio::awaitable<void> wake_all() {
    for (auto& one : followers_) one.wake();
    co_return;
  }

  const parts with_;
  const std::string process_ = fmt::format("{:016x}", random_u64());
  gate background_;
  std::deque<schedule_follower> followers_;
};

scheduler::scheduler(std::vector<schedule_spec> schedules, parts with)
    : impl_(std::make_unique<impl>(std::move(schedules), std::move(with))) {}

scheduler::~scheduler() = default;

void scheduler::begin() {
  impl_->begin();
}

void scheduler::heard(const std::string& type) {
  impl_->heard(type);
}

std::vector<schedule_status> scheduler::status() const {
  return impl_->status();
}

asio::awaitable<void> scheduler::stop() {
  return impl_->stop();
}

}  // namespace ctxcache::warming
