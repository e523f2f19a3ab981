#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/convert.hpp"

namespace ctxcache::config {

using environment = std::vector<std::pair<std::string, std::string>>;

/// Replaces every `${NAME}` by the variable NAME or, where that is not set, by the contents of the file that
/// NAME_FILE names (without the newline at its end).
[[nodiscard]] parsed<std::string> expand(std::string_view text, const environment& variables);

/// A URL or libpq connection string as it may be shown: passwords, tokens and keys in it become `***`.
[[nodiscard]] std::string redact(std::string_view url);

}  // namespace ctxcache::config
