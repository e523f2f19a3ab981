#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "ctxcache/customer_list.hpp"
#include "ctxcache/orchestrator.hpp"
#include "warming/hot_keys.hpp"
#include "warming/job_board.hpp"
#include "warming/job_state.hpp"
#include "warming/live_reads.hpp"
#include "warming/pace.hpp"
#include "warming/page_loader.hpp"
#include "warming/run_list.hpp"
#include "warming/tally.hpp"

namespace ctxcache::warming {

/// What a job works with; all of it outlives the job.
struct job_parts {
  orchestrator& cache;
  job_board& board;
  run_list& runs;
  hot_keys& hot;
  tally& counted;
  const clock& time;
  const std::map<std::string, std::shared_ptr<customer_list>>& segments;
  const live_reads& reads;
  const warmer_settings& settings;
  boost::asio::any_io_executor home;  ///< of one thread; the job belongs to it
};

/// One job while this process runs it.
///
/// It reads the order's customers page by page and loads each page to its end before it notes where it is, so
/// that another process, which goes on from there, leaves nothing out. Each second and after each page it
/// prolongs its leases and writes its state. Without the shared store it goes on as long as the leases that
/// it has, and then waits: another process may be at it.
class job {
 public:
  /// A job whose providers are down for so long has failed.
  static constexpr std::chrono::minutes gives_up_after{10};

  /// `ids`: of the order. The leases are held since `held_at`.
  job(job_parts with, job_state from, std::vector<std::string> ids, time_point held_at);

  /// Returns when it has ended, another process has it, or soon after `stop`.
  [[nodiscard]] boost::asio::awaitable<void> run();
  void cancel() { leave(why::cancelled); }
  /// Leaves it to another process, or to the next start of this one.
  void stop() { leave(why::stopped); }
  /// As it is now.
  [[nodiscard]] job_report report() const;

 private:
  enum class why { cancelled, stopped, failed, lost };
  using state = job_report::state;

  void leave(why reason, std::string sentence = {});
  [[nodiscard]] bool going() const { return !left_; }
  [[nodiscard]] std::size_t sources() const;

  // The work.
  [[nodiscard]] boost::asio::awaitable<void> warm();
  [[nodiscard]] boost::asio::awaitable<void> count_customers();
  [[nodiscard]] boost::asio::awaitable<void> pass(page_loader::plan how);
  [[nodiscard]] boost::asio::awaitable<void> keep_warm(boot_clock::duration first_pass);
  [[nodiscard]] boost::asio::awaitable<result<customer_list::page>> page_after(std::size_t source,
                                                                               std::string last);
  [[nodiscard]] boost::asio::awaitable<std::optional<customer_list::page>> next_page();
  [[nodiscard]] boost::asio::awaitable<void> end();

  // Beside it.
  [[nodiscard]] boost::asio::awaitable<void> watch();
  [[nodiscard]] boost::asio::awaitable<void> beat();
  [[nodiscard]] boost::asio::awaitable<result<bool>> hold();
  void judge(time_point now);
  [[nodiscard]] boost::asio::awaitable<void> wait(timer& pause, time_point until);

  const job_parts with_;
  job_state state_;
  const std::vector<std::string> ids_;
  const time_point started_;       // here
  const std::size_t done_before_;  // customers, by those who had it before
  gate background_;
  pace pace_;
  page_loader loader_;
  timer work_pause_;
  timer watch_pause_;
  time_point leased_until_;
  time_point beats_at_{};   // next
  time_point judges_at_{};  // next
  std::size_t beats_ = 0;
  std::size_t loaded_before_ = 0;  // when it was last judged
  std::string unreadable_;         // why a page cannot be read just now, as a sentence
  std::optional<why> left_;
};

}  // namespace ctxcache::warming
