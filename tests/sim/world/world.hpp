#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "history/history.hpp"
#include "world/conditions.hpp"
#include "world/process.hpp"
#include "world/truth.hpp"

namespace ctxcache::sim {

inline constexpr std::size_t daemons = 3;

/// Everything that there is on a simulated day: three daemons, Redis, the providers, and what was recorded.
/// It all runs in one thread, in virtual time.
class world {
 public:
  world(const conditions& today, std::uint64_t seed);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  [[nodiscard]] const conditions& today() const { return today_; }
  [[nodiscard]] dice& chance() { return chance_; }
  [[nodiscard]] history::history& log() { return log_; }
  [[nodiscard]] truth& providers() { return providers_; }
  [[nodiscard]] time_point now() const { return time().now(); }
  [[nodiscard]] const std::vector<key>& keys() const { return keys_; }

  /// The daemon that runs in a place; null while none does.
  [[nodiscard]] const std::shared_ptr<process>& at(std::size_t place) const { return running_[place]; }
  void start(std::size_t place);
  void crash(std::size_t place);
  void leave(std::size_t place);

  [[nodiscard]] server& redis() { return *redis_; }
  /// The replica takes over; each daemon learns of it within the delay, and the old master lives on that
  /// long.
  void fail_over(boot_clock::duration delay);
  void attach_replica();

  /// So many of the calls that write to the journals fail or write half of it.
  void trouble_disks(unsigned percent);
  void heal_disks();

  /// Starts what goes on beside all else until the day ends.
  void begin(boost::asio::awaitable<void> work);
  [[nodiscard]] boost::asio::awaitable<void> rest(boot_clock::duration how_long);
  [[nodiscard]] boost::asio::io_context& loop() { return loop_; }

  void run_for(boot_clock::duration how_long) { run_until(now() + how_long); }
  void run_until(time_point end);
  /// Runs until it holds; false when it does not within the limit.
  bool run_until(const std::function<bool()>& holds, boot_clock::duration limit);
  /// Ends all that runs. False when something does not end.
  bool end();

 private:
  static test::virtual_time& time() { return test::virtual_time::now_running(); }
  void turn();
  [[nodiscard]] std::string journal_of(const std::string& name, const std::string& before) const;

  const conditions today_;
  dice chance_;
  history::history log_;
  truth providers_;
  std::vector<key> keys_;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> turning_{loop_.get_executor()};
  gate works_;
  std::shared_ptr<server> redis_;
  std::vector<std::shared_ptr<server>> old_masters_;
  std::array<std::shared_ptr<process>, daemons> running_;
  std::array<std::size_t, daemons> starts_{};
  std::array<std::string, daemons> journals_;
  std::vector<std::shared_ptr<process>> all_;
};

}  // namespace ctxcache::sim
