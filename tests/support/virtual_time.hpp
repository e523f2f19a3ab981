#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "ctxcache/clock.hpp"

namespace ctxcache::test {

/// The time of a simulation, which passes only when it is told to, what waits for it, and its random bits.
/// Same seed, same run. One thread; one simulation at a time.
class virtual_time final : public clock {
 public:
  using place = std::pair<time_point, std::uint64_t>;  // by time, then in the order of asking

  static virtual_time& now_running() {
    static virtual_time only;
    return only;
  }

  /// Begins a simulation. Nothing of an earlier one may still wait.
  void begin(std::uint64_t seed) {
    waiting_.clear();
    now_ = time_point{std::chrono::seconds{1'000}};  // not zero: nothing may depend on the start
    asked_ = 0;
    random_.seed(seed);
  }

  [[nodiscard]] time_point now() const noexcept override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const noexcept override {
    return std::chrono::system_clock::time_point{now_.time_since_epoch()};
  }
  [[nodiscard]] std::uint64_t random_u64() { return random_(); }

  /// Calls `what` at that time, or at the next step when it is over.
  place at(time_point when, std::function<void()> what) {
    const place where{std::max(when, now_), asked_++};
    waiting_.emplace(where, std::move(what));
    return where;
  }
  place after(boot_clock::duration wait, std::function<void()> what) {
    return at(wait > time_point::max() - now_ ? time_point::max() : now_ + wait, std::move(what));
  }
  void forget(const place& one) { waiting_.erase(one); }

  /// When something waits for next.
  [[nodiscard]] std::optional<time_point> next() const {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.begin()->first.first;
  }
  /// Goes on to the next time that something waits for, and calls it. False when nothing does by `end`; then
  /// it is `end` now.
  bool step(time_point end) {
    if (waiting_.empty() || waiting_.begin()->first.first > end) {
      now_ = std::max(now_, end);
      return false;
    }
    auto first = waiting_.extract(waiting_.begin());
    now_ = first.key().first;
    first.mapped()();
    return true;
  }

 private:
  virtual_time() = default;

  time_point now_{};
  std::uint64_t asked_ = 0;
  std::map<place, std::function<void()>> waiting_;
  std::mt19937_64 random_;
};

/// A timer of virtual time, with what is used of asio::steady_timer.
class virtual_timer {
 public:
  using duration = boot_clock::duration;
  using time_point = ctxcache::time_point;

  explicit virtual_timer(boost::asio::any_io_executor where) : where_(std::move(where)) {}
  virtual_timer(boost::asio::any_io_executor where, duration wait) : where_(std::move(where)) {
    expires_after(wait);
  }
  virtual_timer(boost::asio::any_io_executor where, time_point when) : where_(std::move(where)) {
    expires_at(when);
  }
  ~virtual_timer() { cancel(); }
  virtual_timer(const virtual_timer&) = delete;
  virtual_timer& operator=(const virtual_timer&) = delete;

  void expires_after(duration wait) {
    const auto now = time().now();
    expires_at(wait > time_point::max() - now ? time_point::max() : now + wait);
  }
  void expires_at(time_point when) {
    cancel();
    expiry_ = when;
  }
  std::size_t cancel() {
    if (expiring_) time().forget(*std::exchange(expiring_, std::nullopt));
    return complete(boost::asio::error::operation_aborted);
  }

  template <class Token>
  auto async_wait(Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(start{this}, token);
  }

 private:
  struct waiter {
    virtual ~waiter() = default;
    virtual void complete(boost::system::error_code how) = 0;
  };
  template <class Handler>
  struct waiter_of final : waiter {
    waiter_of(Handler&& waiting, const boost::asio::any_io_executor& where)
        : handler(std::move(waiting)),
          home(boost::asio::make_work_guard(boost::asio::get_associated_executor(handler, where))) {}
    void complete(boost::system::error_code how) override {
      const auto where = home.get_executor();
      boost::asio::post(where, [waiting = std::move(handler), how]() mutable { std::move(waiting)(how); });
    }
    using executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
    Handler handler;
    boost::asio::executor_work_guard<executor> home;
  };
  struct start {
    virtual_timer* timer;
    template <class Handler>
    void operator()(Handler&& handler) {
      using plain = std::decay_t<Handler>;
      timer->waiters_.push_back(std::make_unique<waiter_of<plain>>(plain{std::move(handler)}, timer->where_));
      timer->arm();
    }
  };

  static virtual_time& time() { return virtual_time::now_running(); }
  void arm() {
    if (expiring_) return;
    expiring_ = time().at(expiry_, [this] {
      expiring_.reset();
      complete({});
    });
  }
  std::size_t complete(boost::system::error_code how) {
    const auto all = std::exchange(waiters_, {});
    for (const auto& one : all) one->complete(how);
    return all.size();
  }

  boost::asio::any_io_executor where_;
  time_point expiry_{};
  std::optional<virtual_time::place> expiring_;
  std::vector<std::unique_ptr<waiter>> waiters_;
};

}  // namespace ctxcache::test
