#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/error.hpp"
#include "http/answer.hpp"

namespace ctxcache::http {

/// One fault in a request's body.
struct field_error {
  std::string pointer;  ///< where, as a JSON pointer (RFC 6901)
  std::string detail;
};

/// Why a request was refused or failed (RFC 9457). It never holds ids or values of callers.
struct problem {
  int status = 500;
  std::string_view code = "internal";  ///< stable; of a literal
  std::string detail;
  std::vector<field_error> errors{};
  int retry_after_seconds = 0;  ///< 0: not said
};

/// The one table from errors to statuses.
[[nodiscard]] problem problem_of(const error_code& error);

[[nodiscard]] answer to_answer(const problem& what, std::string_view request_id);

}  // namespace ctxcache::http
