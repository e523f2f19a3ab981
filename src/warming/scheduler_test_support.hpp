#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/timestamp.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/shared_store.hpp"
#include "support/run_coroutine.hpp"
#include "warming/scheduler.hpp"

namespace ctxcache::warming {

/// A clock that a test sets: time goes on when told to, and the wall clock jumps when told to.
class set_clock final : public clock {
 public:
  [[nodiscard]] time_point now() const noexcept override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const noexcept override {
    ++looked_at_;
    return wall_;
  }
  void advance(std::chrono::seconds by) {
    now_ += by;
    wall_ += by;
  }
  void jump(std::chrono::seconds by) { wall_ += by; }
  [[nodiscard]] int looked_at() const { return looked_at_; }

 private:
  time_point now_{std::chrono::seconds{1'000}};
  std::chrono::system_clock::time_point wall_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  mutable int looked_at_ = 0;
};

/// One process' way to the facts of a fleet.
class store_of_process final : public shared_store {
 public:
  explicit store_of_process(std::shared_ptr<shared_store> fleet) : fleet_(std::move(fleet)) {}
  bool down = false;
  int puts_to_lose = 0;  ///< so many are done without an answer

  boost::asio::awaitable<result<bool>> hold(lease wanted, std::chrono::milliseconds term,
                                            deadline until) override {
    return down ? failed<bool>() : fleet_->hold(std::move(wanted), term, until);
  }
  boost::asio::awaitable<result<void>> release(lease held, deadline until) override {
    return down ? failed<void>() : fleet_->release(std::move(held), until);
  }
  boost::asio::awaitable<result<std::optional<std::string>>> get(std::string name, deadline until) override {
    return down ? failed<std::optional<std::string>>() : fleet_->get(std::move(name), until);
  }
  boost::asio::awaitable<result<bool>> put(fact what, std::optional<lease> under, deadline until) override {
    if (down) return failed<bool>();
    auto putting = fleet_->put(std::move(what), std::move(under), until);
    if (puts_to_lose == 0) return putting;
    --puts_to_lose;
    return lost(std::move(putting));
  }
  boost::asio::awaitable<result<void>> remove(std::string name, deadline until) override {
    return fleet_->remove(std::move(name), until);
  }
  boost::asio::awaitable<result<void>> append(std::string to, std::string value, std::size_t most,
                                              deadline until) override {
    return fleet_->append(std::move(to), std::move(value), most, until);
  }
  boost::asio::awaitable<result<std::vector<std::string>>> list(std::string name, std::size_t most,
                                                                deadline until) override {
    return fleet_->list(std::move(name), most, until);
  }
  boost::asio::awaitable<result<bool>> take(std::string from, std::string value, deadline until) override {
    return fleet_->take(std::move(from), std::move(value), until);
  }
  boost::asio::awaitable<result<void>> mark(std::string set, std::vector<std::uint32_t> places,
                                            std::chrono::milliseconds life, deadline until) override {
    return fleet_->mark(std::move(set), std::move(places), life, until);
  }
  boost::asio::awaitable<result<std::size_t>> marked(std::string set, deadline until) override {
    return fleet_->marked(std::move(set), until);
  }
  boost::asio::awaitable<void> stop() override { co_return; }

 private:
  template <class T>
  static boost::asio::awaitable<result<T>> failed() {
    co_return result<T>{boost::system::in_place_error, errc::l2_unavailable};
  }
  static boost::asio::awaitable<result<bool>> lost(boost::asio::awaitable<result<bool>> work) {
    (void)co_await std::move(work);
    co_return result<bool>{boost::system::in_place_error, errc::l2_timeout};
  }

  std::shared_ptr<shared_store> fleet_;
};

/// Processes with schedules that share one store.
class scheduler_fixture : public testing::Test {
 protected:
  struct process {
    std::shared_ptr<store_of_process> store;
    std::optional<errc> refuses;  ///< what starting a job fails with
    int tried = 0;
    std::vector<warm_order> started;
    std::unique_ptr<scheduler> schedules;

    [[nodiscard]] schedule_status status() const { return schedules->status().front(); }
  };

  ~scheduler_fixture() override {
    for (auto& one : processes) stop(one);
  }

  process& start(std::vector<schedule_spec> specs) {
    auto& one = processes.emplace_back();
    one.store = std::make_shared<store_of_process>(fleet);
    scheduler::parts with{.home = loop.get_executor(),
                          .shared = one.store,
                          .start = [&one](warm_order order, deadline) { return run(one, std::move(order)); },
                          .time = &time,
                          .look_every = std::chrono::milliseconds{1}};
    one.schedules = std::make_unique<scheduler>(std::move(specs), std::move(with));
    one.schedules->begin();
    let_look();
    return one;
  }
  void stop(process& one) {
    if (one.schedules) test::run_coroutine(loop, one.schedules->stop());
    one.schedules.reset();
  }

  /// Runs the loop until that holds; false when it does not for long.
  bool soon(const std::function<bool()>& holds) {
    const auto end = machine_clock().now() + std::chrono::seconds{20};
    loop.restart();
    while (!holds() && machine_clock().now() < end) {
      loop.run_one_for(std::chrono::milliseconds{100});
    }
    return holds();
  }
  /// Until all that looks at the clock has done so a few times.
  void let_look() {
    const auto enough = time.looked_at() + 50 * static_cast<int>(processes.size());
    ASSERT_TRUE(soon([&] { return time.looked_at() >= enough; }));
  }
  [[nodiscard]] std::size_t started() const {
    std::size_t all = 0;
    for (const auto& one : processes) all += one.started.size();
    return all;
  }

  static schedule::plan plan_of(schedule::timing times) {
    times.name = "nightly";
    auto made = schedule::plan::make(times);
    if (const auto* wrong = std::get_if<schedule::problem>(&made)) throw std::runtime_error{wrong->why};
    return std::get<schedule::plan>(std::move(made));
  }
  static std::vector<schedule_spec> nightly(schedule::missed_run missed = schedule::missed_run::run) {
    warm_order order{.segments = {"enterprise"}, .hold = std::chrono::hours{2}};
    return {{.name = "nightly",
             .when = plan_of({.cron = "0 2 * * *", .missed = missed}),
             .order = std::move(order)}};
  }
  static std::string text(std::optional<schedule_status::time> at) {
    return at ? timestamp(*at).substr(0, 16) : "never";
  }

  boost::asio::io_context loop{1};
  set_clock time;  // begins at midnight of New Year, 2026
  std::shared_ptr<shared_store> fleet = make_local_shared_store(time);
  std::list<process> processes;

 private:
  static boost::asio::awaitable<result<warmer::started>> run(process& one, warm_order order) {
    ++one.tried;
    if (one.refuses) co_return result<warmer::started>{*one.refuses};
    one.started.push_back(std::move(order));
    warmer::started began;
    began.job.id = "job" + std::to_string(one.started.size());
    co_return began;
  }
};

}  // namespace ctxcache::warming
