#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache::providers {

/// Puts a key's ids into a template such as `/customers/{customer_id}/tickets?state=open`. The placeholders
/// are
/// `{customer_id}`, `{agent_type}` and `{conversation_id}`; each id is percent-encoded, so that it stays
/// within its segment or query value. Nothing when that cannot be: the id would make a segment `.` or `..`,
/// or there is no conversation. errc::invalid_config for a template that does not begin with a single `/`, or
/// has an unknown placeholder, a `#`, or a byte that no URL has.
[[nodiscard]] result<std::optional<std::string>> expand_path(std::string_view path, const key& wanted);

}  // namespace ctxcache::providers
