#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "warming/hot_keys.hpp"
#include "warming/job.hpp"
#include "warming/job_board.hpp"
#include "warming/live_reads.hpp"
#include "warming/run_list.hpp"
#include "warming/tally.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::warming {

/// What a warmer is made of. All but `refusal` is called on its home.
struct warmer::impl {
  impl(orchestrator& cache, const warmer_settings& settings, warmer_parts parts);

  [[nodiscard]] std::string refusal(const warm_order& order) const;
  boost::asio::awaitable<result<started>> start(warm_order order, deadline until);
  boost::asio::awaitable<result<std::optional<job_report>>> show(std::string id, deadline until);
  boost::asio::awaitable<result<std::optional<job_report>>> cancel(std::string id, deadline until);
  boost::asio::awaitable<result<std::vector<run_report>>> runs(std::size_t most, deadline until);
  boost::asio::awaitable<void> begin();
  boost::asio::awaitable<void> stop();

  [[nodiscard]] job_state state_for(warm_order order) const;
  boost::asio::awaitable<result<started>> claim(job_state state, std::vector<std::string> ids,
                                                deadline until);
  void launch(job_state state, std::vector<std::string> ids, time_point held_at);
  boost::asio::awaitable<void> carry_out(std::string id, std::shared_ptr<job> one);

  // Now and then.
  boost::asio::awaitable<void> do_chores();
  boost::asio::awaitable<void> look_at_reads();
  boost::asio::awaitable<void> credit();
  boost::asio::awaitable<void> follow() { return hot.follow(); }
  boost::asio::awaitable<void> take_up_abandoned();
  boost::asio::awaitable<void> take_up(std::string id);
  boost::asio::awaitable<void> give_up(job_state state, std::string why);
  boost::asio::awaitable<void> note_hot() { return hot.note(); }
  boost::asio::awaitable<void> settle_runs();
  boost::asio::awaitable<void> wait(time_point until);
  [[nodiscard]] std::chrono::milliseconds life_of_entries() const;
  [[nodiscard]] deadline soon() const;

  orchestrator& cache;
  const warmer_settings settings;
  const warmer_parts with;
  job_board board;
  run_list ended_runs;
  hot_keys hot;
  live_reads reads;
  std::map<std::string, std::shared_ptr<job>> jobs;  // run here; null while one is being started
  tally counted;
  gate background;
};

}  // namespace ctxcache::warming
