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
#include "support/store_of_process.hpp"
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

/// Processes with schedules that share one store.
class scheduler_fixture : public testing::Test {
 protected:
  struct process {
    std::shared_ptr<test::store_of_process> store;
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
    one.store = std::make_shared<test::store_of_process>(fleet);
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
