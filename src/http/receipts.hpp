#pragma once

#include <boost/json/object.hpp>

#include "ctxcache/orchestrator.hpp"

namespace ctxcache::http {

/// A scope, as the API says it: its kind and its text.
[[nodiscard]] boost::json::object to_json(const scope& what);
/// What an invalidation did.
[[nodiscard]] boost::json::object to_json(const receipt& done);
/// What invalidating `what` would do.
[[nodiscard]] boost::json::object to_json(const scope& what, const preview& would);

}  // namespace ctxcache::http
