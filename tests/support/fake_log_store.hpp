#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
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
  void new_epoch();
  /// How many replicas acknowledge whatever is written.
  void acknowledge(std::uint64_t replicas) { replicas_ = replicas; }
  /// What its server says of itself.
  void describe(server_facts facts) { facts_ = std::move(facts); }
  /// Drops the messages up to this one, as trimming does.
  void trim_to(std::uint64_t sequence);

 private:
  friend class fake_log_store;

  void check();
  position append(log_record said);
  void wake();

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
  void fail_with(fault what);
  /// While it is held the tail finds nothing.
  void hold_tail(bool held);
  /// While they are held messages stay on their way.
  void hold_messages(bool held);
  /// Calls so far that asked the log, tails too.
  [[nodiscard]] std::size_t calls() const { return calls_; }
  /// Called when a message is on its way.
  void on_publish(std::function<void()> what) { on_publish_ = std::move(what); }

  boost::asio::awaitable<result<position>> publish(log_record record, deadline until) override;
  boost::asio::awaitable<result<beat_answer>> heartbeat(beat mine, std::uint64_t replicas,
                                                        deadline until) override;
  boost::asio::awaitable<result<std::uint64_t>> wait(std::uint64_t, deadline until) override;
  boost::asio::awaitable<result<std::vector<log_message>>> read(std::uint64_t after, std::size_t most,
                                                                deadline until) override;
  boost::asio::awaitable<result<std::vector<log_message>>> tail(std::uint64_t after,
                                                                std::chrono::milliseconds wait) override;
  void wake_tail() override;
  boost::asio::awaitable<result<std::uint64_t>> first_retained(deadline until) override;
  boost::asio::awaitable<result<members>> registered(deadline until) override;
  boost::asio::awaitable<result<bool>> remove(std::string id, std::optional<std::uint64_t> count,
                                              deadline until) override;
  boost::asio::awaitable<result<server_facts>> inspect(deadline until) override;
  boost::asio::awaitable<void> stop() override;

 private:
  boost::asio::awaitable<result<void>> answer(deadline until);
  boost::asio::awaitable<void> release();
  [[nodiscard]] std::vector<log_message> behind(std::uint64_t after, std::size_t most) const;

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
