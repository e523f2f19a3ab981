#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/gate.hpp"
#include "ctxcache/orchestrator.hpp"
#include "redis/wire.hpp"
#include "world/conditions.hpp"
#include "world/truth.hpp"

namespace ctxcache::sim {

/// A machine's clock: begins somewhere, and is up to half a percent too fast or too slow.
class skewed_clock final : public clock {
 public:
  explicit skewed_clock(dice& chance);
  [[nodiscard]] time_point now() const noexcept override;
  [[nodiscard]] std::chrono::system_clock::time_point wall() const noexcept override;

 private:
  const time_point began_;
  const boot_clock::duration offset_;
  const std::int64_t per_million_;
};

/// One start of a daemon: the real orchestrator on an event loop of its own.
class process {
 public:
  struct surroundings {
    const conditions& today;
    const truth& providers;
    std::shared_ptr<server> redis;
    history::history& log;
    dice& chance;
  };
  process(std::string name, const surroundings& in, std::string journal);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& journal() const { return journal_; }
  [[nodiscard]] wire& redis() { return *wire_; }
  [[nodiscard]] orchestrator& cache() { return *cache_; }
  [[nodiscard]] boost::asio::io_context& loop() { return loop_; }
  [[nodiscard]] time_point now() const { return time_.now(); }

  /// Whether it does anything at all; it is a client's call that finds out.
  [[nodiscard]] bool answers() const { return !dead_ && !leaving_; }
  /// It is held by its debugger, its machine swaps: its loop does not turn, time goes on.
  void pause(bool on) { paused_ = on; }
  /// It is gone, without a word. What it leaves behind is its journal.
  void crash() { dead_ = true; }
  /// It ends as it should.
  void leave();
  /// After the day: it is brought to an end, whatever became of it, cut off when it is dead.
  void bury();
  [[nodiscard]] bool ended() const { return ended_; }

  /// Lets its loop turn; whether there was anything to do.
  bool turn() { return !paused_ && (!dead_ || buried_) && loop_.poll() > 0; }

  /// A call of a client: starts on its loop, and says nothing any more once it has crashed.
  bool spawn(boost::asio::awaitable<void> call);
  [[nodiscard]] bool dead() const { return dead_; }

 private:
  boost::asio::awaitable<void> start();
  boost::asio::awaitable<void> end();

  const std::string name_;
  const std::string journal_;
  skewed_clock time_;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> turning_{loop_.get_executor()};
  std::shared_ptr<wire> wire_;
  std::unique_ptr<orchestrator> cache_;
  gate calls_;
  gate itself_;
  bool paused_ = false;
  bool dead_ = false;
  bool leaving_ = false;
  bool buried_ = false;
  bool ended_ = false;
};

}  // namespace ctxcache::sim
