#pragma once

#include <string_view>

namespace ctxcache {

/// Whether `text` matches `pattern` exactly as Redis' own matcher (`SCAN MATCH`, `KEYS`) would say, byte by
/// byte:
/// `*`, `?`, `[abc]`, `[^a-z]`, `\x`. Iterative, at most |pattern| × |text| steps for any pattern.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace ctxcache
