#pragma once

#include <boost/json/object.hpp>

#include "ctxcache/orchestrator.hpp"

namespace ctxcache::http {

/// A scope, as the API says it: its kind and its text.
[[nodiscard]] boost::json::object to_json(const scope& what);
[[nodiscard]] boost::json::object to_json(const invalidation_log::fence_report& known);
/// What an invalidation did.
[[nodiscard]] boost::json::object to_json(const receipt& done);
/// 200; 202 while it is queued; 503 when a fence was asked for and not confirmed: done here, not known
/// elsewhere.
[[nodiscard]] int status_of(const receipt& done);
/// What invalidating `what` would do.
[[nodiscard]] boost::json::object to_json(const scope& what, const preview& would);

}  // namespace ctxcache::http
