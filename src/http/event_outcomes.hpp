#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <vector>

#include "changes/intake.hpp"
#include "http/handlers.hpp"

namespace ctxcache::http {

/// What became of an event, as the API says it.
[[nodiscard]] boost::json::object to_json(const changes::outcome& done);
/// 200 with receipts and for a duplicate; 202 for what is ignored, or queued; of what failed, as its problem
/// says.
[[nodiscard]] int status_of(const changes::outcome& done);
/// Why it had no effect; nullopt when it had, or needed none.
[[nodiscard]] std::optional<problem> failure_of(const changes::outcome& done);

/// The answer for one event.
[[nodiscard]] answer answer_for(const call& one, const changes::outcome& done);
/// The answer for a batch: 207 when some had no effect and others had.
[[nodiscard]] answer answer_for(const std::vector<changes::outcome>& all);

/// What a daemon without them answers.
[[nodiscard]] answer refuse_events(const call& one);

}  // namespace ctxcache::http
