#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>

namespace ctxcache::client {

/// A job's state, as the daemon names it; what it has not is counted as still going on.
enum class warm_state { going_on, holding, done, cancelled, failed };
[[nodiscard]] warm_state state_of(const boost::json::object& job);

/// "enterprise, at_risk", "12 customers"
[[nodiscard]] std::string subject_of(const boost::json::object& job);

/// "[#####.....] 50 of 100 customers, 25 loads/s, 2 s left"
[[nodiscard]] std::string warm_progress(const boost::json::object& job);

/// What one or several jobs did.
struct warm_sums {
  std::size_t customers = 0;
  std::size_t loaded = 0;
  std::size_t already_warm = 0;
  std::size_t unknown = 0;
  std::size_t failed = 0;

  void add(const boost::json::object& job);
};
/// "warmed 100 customers: 180 loaded, 20 warm already, 1 unknown"
[[nodiscard]] std::string sentence_of(const warm_sums& sums);

/// The failures that the report names, a line each, and how many there are besides.
[[nodiscard]] std::string failure_lines(const boost::json::object& job);

}  // namespace ctxcache::client
