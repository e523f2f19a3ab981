#pragma once

#include <string>
#include <string_view>

#include "ctxcache/provider.hpp"

namespace ctxcache::providers {

/// A query without the blanks and semicolons at its end, so that it can stand in parentheses. Give it a line
/// of its own there: it may end in a comment.
[[nodiscard]] std::string_view statement_body(std::string_view query);

/// The statement with which the server answers a section's query as JSON text: no row when the query has
/// none; for rows, one row with an array.
[[nodiscard]] std::string json_statement(std::string_view query, section_shape shape);

/// Whether a query uses the parameter `$number`. A mention in a literal or comment counts as well.
[[nodiscard]] bool mentions_parameter(std::string_view query, char number);

}  // namespace ctxcache::providers
