#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "warming/warmer.hpp"

namespace ctxcache::warming {

/// What of a job has been done.
struct job_counts {
  std::size_t customers_done = 0;
  std::size_t loaded = 0;
  std::size_t already_warm = 0;
  std::size_t unknown = 0;
  std::size_t failed = 0;
};
[[nodiscard]] job_counts counts_of(const job_report& job);

/// All that another process needs to go on with a job, but for the ids that were ordered.
struct job_state {
  job_report report{};
  std::string by{};         ///< which start of a process has written it
  std::size_t source = 0;   ///< of the order's segments in order, behind them its ids: the one being read
  std::string last{};       ///< up to where it is done; empty: from its beginning
  job_counts noted{};       ///< what had been done when it came there
  std::uint32_t place = 0;  ///< in the run, of the next entry
  bool first_pass_over = false;  ///< only kept warm from here on
};

[[nodiscard]] std::string to_text(const job_state& state);
/// The same for the process that goes on with it: what was done behind the place where it goes on does not
/// count, as it will be found done, but no place in the run is given to a second entry.
[[nodiscard]] job_state resumed(job_state state);

/// Nothing when `to_text` has not made it.
[[nodiscard]] std::optional<job_state> job_state_from(const std::string& text);

}  // namespace ctxcache::warming
