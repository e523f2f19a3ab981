#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "ctxcache/lookup.hpp"
#include "ctxcache/position.hpp"
#include "http/answer.hpp"

namespace ctxcache::http {

/// The Cache-Status of an answer (RFC 9211): what each tier was asked and said.
[[nodiscard]] boost::static_strings::static_string<160> cache_status(const lookup& got,
                                                                     const read_options& asked);
[[nodiscard]] std::string_view name(origin from);
/// Whole seconds since it was loaded, never negative.
[[nodiscard]] std::chrono::seconds age_of(const entry& value, time_point now);
/// The text of a position; made anew only when it has moved since this thread last asked.
[[nodiscard]] const std::string& position_text(const position& at);

}  // namespace ctxcache::http
