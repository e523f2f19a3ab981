#pragma once

#include <string>
#include <string_view>

#include "ctxcache/error.hpp"

namespace ctxcache::providers {

/// A JSON string with its quotes. `text` is UTF-8; what is not is passed on as it is.
[[nodiscard]] std::string json_quoted(std::string_view text);

/// One JSON value without insignificant space, after a full check (RFC 8259, UTF-8, 1,024 levels, integers of
/// 64 bits). errc::provider_failed when it is none.
[[nodiscard]] result<std::string> checked_json(std::string_view text);

/// The same for JSON that a database has written: only its encoding is checked.
[[nodiscard]] result<std::string> trusted_json(std::string_view text);

}  // namespace ctxcache::providers
