#pragma once

#include <string_view>

#include "http/json_body.hpp"
#include "http/service.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::http {

/// The body of POST /api/v1/context/cache/warm. Whether there are its segments is left to the warmer.
[[nodiscard]] parsed<warming::warm_order> read_warm_order(const service& on, std::string_view body);

}  // namespace ctxcache::http
