#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctxcache::http {

/// What we understand of a request's Cache-Control (RFC 9111, 5.2.1); the rest is passed over.
struct cache_directives {
  bool no_cache = false;
  bool no_store = false;
  bool only_if_cached = false;
  std::optional<std::chrono::seconds> max_age;  ///< one that cannot be read counts as 0, the careful reading
};
[[nodiscard]] cache_directives parse_cache_control(std::string_view value);

/// Whether If-None-Match names `etag` (RFC 9110, 13.1.2): weak comparison, lists, `*`.
[[nodiscard]] bool names_etag(std::string_view if_none_match, std::string_view etag);

/// Whether a Content-Type is application/json, whatever its parameters, or absent.
[[nodiscard]] bool accepts_as_json(std::string_view content_type);

struct header_line {
  std::string_view name;
  std::string_view value;
};
/// The lines of `request::lines`, which they borrow from.
[[nodiscard]] std::vector<header_line> split_lines(std::string_view lines);
/// The values of one field in `request::lines`, whatever its case, joined by ", "; empty when it is absent.
[[nodiscard]] std::string value_in(std::string_view lines, std::string_view name);

/// 1 to 128 bytes that may stand in a header, a log line and a URN as they are.
[[nodiscard]] bool is_sane_request_id(std::string_view text);
/// One that no other request of this process has; short enough to need no memory of its own.
[[nodiscard]] std::string make_request_id();

}  // namespace ctxcache::http
