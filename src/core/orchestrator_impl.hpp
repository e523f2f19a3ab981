#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "core/census.hpp"
#include "core/credits.hpp"
#include "core/inspector.hpp"
#include "core/invalidator.hpp"
#include "core/lane.hpp"
#include "core/loader.hpp"
#include "core/tiers.hpp"
#include "ctxcache/orchestrator.hpp"

namespace ctxcache {

/// What an orchestrator is made of.
struct orchestrator::impl {
  impl(const cache_settings& settings, parts with);

  [[nodiscard]] lane_state& home_of(const hashed_key& wanted) const {
    return *lanes[wanted.hash.customer % lanes.size()];
  }
  /// The lane on whose executor the caller runs, else the first.
  [[nodiscard]] lane_state& lane_at(const boost::asio::any_io_executor& here) const {
    const auto found = std::ranges::find(lanes, here, [](const auto& one) { return one->executor; });
    return found == lanes.end() ? *lanes.front() : **found;
  }
  [[nodiscard]] bool knows(const key_view& wanted) const {
    return std::ranges::find(agent_types, wanted.agent_type()) != agent_types.end();
  }

  /// A hit of what was warmed.
  void credit(const lookup& answer) {
    if (answer.from == origin::l1 || answer.from == origin::l2) credited.note(*answer.value);
  }

  boost::asio::awaitable<read_options> placed(read_options options);
  boost::asio::awaitable<result<lookup>> read(key wanted, read_options options, bool l1_missed);
  boost::asio::awaitable<std::vector<result<lookup>>> read_many(lane_state& lane, std::vector<key> wanted,
                                                                read_options options);
  boost::asio::awaitable<result<put_receipt>> put(lane_state& lane, key where, std::string document,
                                                  deadline until);
  boost::asio::awaitable<explanation> explain(lane_state& lane, key wanted, deadline until);
  boost::asio::awaitable<void> keep_house();
  boost::asio::awaitable<void> stop_lane(lane_state& lane);

  std::shared_ptr<context_source> source;
  tiers shared;
  std::unique_ptr<invalidation_log> log;
  gate background;
  std::optional<loader> loads;
  std::vector<std::unique_ptr<lane_state>> lanes;
  std::vector<std::string> agent_types;  // encoded as keys carry them
  std::optional<census> counts;
  std::optional<invalidator> invalidations;
  std::optional<inspector> inspections;
  credits credited;
  std::optional<timer> housekeeping_pause;  // of the first lane
};

}  // namespace ctxcache
