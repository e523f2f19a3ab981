#pragma once

#include <string_view>

namespace ctxcache::providers {

/// Whether two documents say the same of a customer: equal as JSON in their member `context`, which leaves
/// out when and how they were loaded; documents without such a member are compared as a whole. What is no
/// JSON is compared byte by byte.
[[nodiscard]] bool same_context(std::string_view a, std::string_view b);

}  // namespace ctxcache::providers
