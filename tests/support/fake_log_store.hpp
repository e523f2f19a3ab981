#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/log_store.hpp"

namespace ctxcache::test {

/// What all members of a fleet see: the log that one Redis would keep. On one executor, with its stores.
class fake_log {
 public:
  explicit fake_log(std::size_t most = 100'000, const fleet_constants& constants = {})
      : most_(most), constants_(constants) {}

  /// The server is there again without its data: the next script begins another epoch.
  void new_epoch() {
    last_ = {};
    messages_.clear();
    members_.clear();
    epoch_is_old_ = false;
  }
  /// How many replicas acknowledge whatever is written.
  void acknowledge(std::uint64_t replicas) { replicas_ = replicas; }
  /// What its server says of itself.
  void describe(server_facts facts) { facts_ = std::move(facts); }
  /// Drops the messages up to this one, as trimming does.
  void trim_to(std::uint64_t sequence) {
    std::erase_if(messages_, [&](const log_message& one) { return one.at.sequence <= sequence; });
  }

 private:
  friend class fake_log_store;

  void check() {
    if (last_.epoch == 0) last_.epoch = ++epochs_;
  }
  position append(log_record said) {
    check();
    ++last_.sequence;
    messages_.push_back({last_, std::move(said)});
    if (messages_.size() > most_) messages_.erase(messages_.begin());
    wake();
    return last_;
  }
  void wake() {
    for (const auto& one : std::exchange(waiting_, {})) one->cancel();
  }

  std::size_t most_;
  fleet_constants constants_;
  std::uint64_t epochs_ = 0xE000;  // no small number, so that no test takes an epoch for a sequence number
  std::uint64_t replicas_ = 0;
  server_facts facts_{.version = "7.0.15", .eviction_policy = "noeviction"};
  position last_;  // epoch 0: there is no log
  bool epoch_is_old_ = false;
  std::vector<log_message> messages_;
  std::map<std::string, log_store::member> members_;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting_;  // tails
};

/// One member's way to a fake_log, with faults of its own. Every call suspends once, as a real one does; only
/// `tail` waits in real time, and a test need not let it.
class fake_log_store final : public log_store {
 public:
  enum class fault {
    none,
    down,  ///< everything is l2_unavailable, at once
    slow,  ///< everything is l2_timeout, at once too: no test waits for a deadline
  };

  fake_log_store(std::shared_ptr<fake_log> log, const clock& time) : log_(std::move(log)), time_(time) {}

  /// A tail under way ends with it.
  void fail_with(fault what) {
    fault_ = what;
    log_->wake();
  }
  /// While it is held the tail finds nothing.
  void hold_tail(bool held) {
    held_ = held;
    log_->wake();
  }
  /// While they are held messages stay on their way.
  void hold_messages(bool held) {
    messages_held_ = held;
    for (const auto& one : std::exchange(held_up_, {})) one->cancel();
  }
  /// Calls so far that asked the log, tails too.
  [[nodiscard]] std::size_t calls() const { return calls_; }

  /// Called when a message is on its way.
  void on_publish(std::function<void()> what) { on_publish_ = std::move(what); }

  boost::asio::awaitable<result<position>> publish(log_record record, deadline until) override {
    if (on_publish_) on_publish_();
    if (messages_held_) co_await release();
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    co_return log_->append(std::move(record));
  }

  boost::asio::awaitable<result<beat_answer>> heartbeat(beat mine, std::uint64_t replicas,
                                                        deadline until) override {
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    log_->check();
    const bool same = mine.applied.epoch == log_->last_.epoch;
    log_->members_[mine.member] = {mine.member, same ? mine.applied.sequence : 0, mine.count};
    log_->epoch_is_old_ = log_->epoch_is_old_ || (same && mine.epoch_is_old);
    beat_answer beaten{
        .last = log_->last_, .constants = log_->constants_, .epoch_is_old = log_->epoch_is_old_};
    if (replicas > 0) beaten.replicas = log_->replicas_;
    co_return beaten;
  }

  boost::asio::awaitable<result<std::uint64_t>> wait(std::uint64_t, deadline until) override {
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    co_return log_->replicas_;
  }

  boost::asio::awaitable<result<std::vector<log_message>>> read(std::uint64_t after, std::size_t most,
                                                                deadline until) override {
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    co_return behind(after, most);
  }

  boost::asio::awaitable<result<std::vector<log_message>>> tail(std::uint64_t after,
                                                                std::chrono::milliseconds wait) override {
    const auto end = std::chrono::steady_clock::now() + wait;
    const auto here = co_await boost::asio::this_coro::executor;
    const deadline no_end;
    woken_ = false;
    while (true) {
      const auto ready = co_await answer(no_end);
      if (!ready) co_return ready.error();
      auto found = held_ ? std::vector<log_message>{} : behind(after, messages_max);
      if (!found.empty() || woken_ || std::chrono::steady_clock::now() >= end) co_return found;
      const auto woken = std::make_shared<boost::asio::steady_timer>(here, end);
      log_->waiting_.push_back(woken);
      co_await woken->async_wait(quietly);
    }
  }

  void wake_tail() override {
    woken_ = true;
    log_->wake();
  }

  boost::asio::awaitable<result<std::uint64_t>> first_retained(deadline until) override {
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    const auto all = behind(0, 1);
    co_return all.empty() ? 0 : all.front().at.sequence;
  }

  boost::asio::awaitable<result<members>> registered(deadline until) override {
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    members found{.last = log_->last_};
    for (const auto& [id, one] : log_->members_) found.all.push_back(one);
    co_return found;
  }

  boost::asio::awaitable<result<bool>> remove(std::string id, std::optional<std::uint64_t> count,
                                              deadline until) override {
    const auto ready = co_await answer(until);
    if (!ready) co_return result<bool>{boost::system::in_place_error, ready.error()};
    const auto found = log_->members_.find(id);
    if (found == log_->members_.end() || (count && found->second.count != *count)) co_return false;
    log_->members_.erase(found);
    co_return true;
  }

  boost::asio::awaitable<result<server_facts>> inspect(deadline until) override {
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    co_return log_->facts_;
  }

  boost::asio::awaitable<void> stop() override {
    stopped_ = true;
    log_->wake();
    co_return;
  }

 private:
  static constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);
  static constexpr std::size_t messages_max = 1'024;

  boost::asio::awaitable<result<void>> answer(deadline until) {
    ++calls_;
    const auto here = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(here, boost::asio::use_awaitable);
    if (stopped_ || fault_ == fault::down) co_return errc::l2_unavailable;
    if (until.passed(time_.now()) || fault_ == fault::slow) co_return errc::l2_timeout;
    co_return result<void>{};
  }

  boost::asio::awaitable<void> release() {
    const auto here = co_await boost::asio::this_coro::executor;
    const auto released = std::make_shared<boost::asio::steady_timer>(here, std::chrono::hours{1});
    held_up_.push_back(released);
    co_await released->async_wait(quietly);
  }

  [[nodiscard]] std::vector<log_message> behind(std::uint64_t after, std::size_t most) const {
    std::vector<log_message> found;
    for (const auto& one : log_->messages_) {
      if (one.at.sequence > after && found.size() < most) found.push_back(one);
    }
    return found;
  }

  std::shared_ptr<fake_log> log_;
  const clock& time_;
  fault fault_ = fault::none;
  bool held_ = false;
  bool messages_held_ = false;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> held_up_;
  std::function<void()> on_publish_;
  bool woken_ = false;
  bool stopped_ = false;
  std::size_t calls_ = 0;
};

}  // namespace ctxcache::test
