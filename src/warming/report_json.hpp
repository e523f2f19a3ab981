#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "warming/warmer.hpp"

namespace ctxcache::warming {

/// A job as HTTP answers it and as it lies in the shared store. Durations are in milliseconds (`hold_ms`),
/// times ISO 8601 in UTC; what is not known is absent. Of the order's ids only their number.
[[nodiscard]] boost::json::object to_json(const job_report& job);
/// The same with `hit_later`.
[[nodiscard]] boost::json::object to_json(const run_report& run);

/// Nothing when it is not what `to_json` makes.
[[nodiscard]] std::optional<job_report> job_report_from(const boost::json::value& text);

}  // namespace ctxcache::warming
