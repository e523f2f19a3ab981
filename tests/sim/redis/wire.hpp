#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/run_on.hpp"
#include "base/timer.hpp"
#include "ctxcache/error.hpp"
#include "dice.hpp"
#include "redis/server.hpp"

namespace ctxcache::sim {

/// A question that waits for its answer.
struct question {
  question(const boost::asio::any_io_executor& home, boot_clock::duration budget) : over(home, budget) {}
  virtual ~question() = default;
  virtual void fail(error_code how) = 0;
  timer over;
};

template <class T>
struct question_of final : question {
  using question::question;
  void fail(error_code how) override { settle({boost::system::in_place_error, how}); }
  void settle(result<T> with) {
    if (answer) return;
    answer.emplace(std::move(with));
    over.cancel();
  }
  std::optional<result<T>> answer;
};

/// The way of one process to Redis and its faults, shared by its connections.
class wire {
 public:
  wire(boost::asio::any_io_executor home, dice& chance, std::shared_ptr<server> to)
      : home_(std::move(home)), chance_(chance), to_(std::move(to)) {}

  struct faults {
    bool refused = false;        ///< connections fail at once
    bool deaf = false;           ///< requests get lost
    bool mute = false;           ///< answers get lost
    bool late_requests = false;  ///< requests that got lost are executed when the wire hears again
    boot_clock::duration latency_min = std::chrono::microseconds{50};
    boot_clock::duration latency_max = std::chrono::milliseconds{5};
  };
  void suffer(const faults& from_now_on);
  void heal() { suffer({}); }
  /// All connections break: calls under way end with l2_unavailable.
  void break_all();
  /// From now on this is Redis; connections to another one break.
  void lead_to(std::shared_ptr<server> other);

  [[nodiscard]] const faults& now() const { return faults_; }
  [[nodiscard]] const std::shared_ptr<server>& to() const { return to_; }
  [[nodiscard]] const boost::asio::any_io_executor& home() const { return home_; }
  [[nodiscard]] std::uint64_t session() const { return session_; }
  [[nodiscard]] boot_clock::duration latency() {
    return chance_.skewed(faults_.latency_min, faults_.latency_max);
  }
  void keep(const std::shared_ptr<question>& asked);
  void keep_for_later(std::function<void()> request) { backlog_.push_back(std::move(request)); }

 private:
  const boost::asio::any_io_executor home_;
  dice& chance_;
  std::shared_ptr<server> to_;
  faults faults_;
  std::uint64_t session_ = 1;  // another one after a break
  std::vector<std::weak_ptr<question>> asked_;
  std::vector<std::function<void()>> backlog_;
};

/// One connection over a wire: requests and answers keep their order, and a call that was given up ends it.
class connection {
 public:
  explicit connection(std::shared_ptr<wire> over) : wire_(std::move(over)) {}

  template <class T>
  using reply = std::function<void(result<T>)>;

  /// Asks: `at_server` is called there, with where to send the answer. l2_timeout when that does not come
  /// within the budget, l2_unavailable when the connection breaks.
  template <class T>
  [[nodiscard]] boost::asio::awaitable<result<T>> ask(std::function<void(server&, reply<T>)> at_server,
                                                      boot_clock::duration budget) {
    if (budget <= budget.zero()) co_return result<T>{boost::system::in_place_error, errc::l2_timeout};
    const auto call = std::make_shared<question_of<T>>(wire_->home(), budget);
    asked_last_ = call;
    send<T>(call, std::move(at_server));
    // It may have failed on the spot.
    if (!call->answer) co_await call->over.async_wait(quietly);
    if (!call->answer) {
      ++given_up_;
      co_return result<T>{boost::system::in_place_error, errc::l2_timeout};
    }
    co_return std::move(*call->answer);
  }

  /// What was written in one session cannot be waited for in another.
  [[nodiscard]] std::uint64_t session() const { return wire_->session() + given_up_; }
  [[nodiscard]] std::shared_ptr<question> asked_last() const { return asked_last_.lock(); }

 private:
  struct order {
    time_point arrives{};
    time_point answers{};
  };

  template <class T>
  void send(const std::shared_ptr<question_of<T>>& call, std::function<void(server&, reply<T>)> at_server) {
    auto& time = test::virtual_time::now_running();
    const std::weak_ptr<question_of<T>> waiting = call;
    if (wire_->now().refused) {
      time.after(std::chrono::microseconds{20}, [waiting] {
        if (const auto one = waiting.lock()) one->fail(errc::l2_unavailable);
      });
      return;
    }
    wire_->keep(call);
    auto arrive = [way = std::weak_ptr{wire_}, to = wire_->to(), waiting, in = order_,
                   at_server = std::move(at_server)] {
      if (to->up()) return at_server(*to, answer_over<T>(way, waiting, in));
      if (const auto one = waiting.lock()) one->fail(errc::l2_unavailable);
    };
    if (wire_->now().deaf) {
      if (wire_->now().late_requests) wire_->keep_for_later(std::move(arrive));
      return;
    }
    order_->arrives = std::max(order_->arrives, time.now() + wire_->latency());
    time.at(order_->arrives, std::move(arrive));
  }

  template <class T>
  static reply<T> answer_over(std::weak_ptr<wire> over, std::weak_ptr<question_of<T>> waiting,
                              std::shared_ptr<order> in) {
    return [over = std::move(over), waiting = std::move(waiting), in = std::move(in)](result<T> answer) {
      const auto way = over.lock();
      if (!way || way->now().mute) return;
      auto& time = test::virtual_time::now_running();
      in->answers = std::max(in->answers, time.now() + way->latency());
      time.at(in->answers, [waiting, answer = std::move(answer)] {
        if (const auto one = waiting.lock()) one->settle(answer);
      });
    };
  }

  std::shared_ptr<wire> wire_;
  std::shared_ptr<order> order_ = std::make_shared<order>();
  std::weak_ptr<question> asked_last_;
  std::uint64_t given_up_ = 0;
};

}  // namespace ctxcache::sim
