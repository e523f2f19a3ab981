#pragma once

#include <cstdint>
#include <string>

namespace ctxcache::http {

enum class method : std::uint8_t { get, head, put, post, delete_, options, other };

inline constexpr std::size_t body_bytes_kept = std::size_t{16} << 10;

/// What we look at in a request; its strings keep their memory from one request to the next. A field that is
/// absent is empty; lines of the same field are joined by ", ".
struct request {
  method verb = method::other;
  bool keep_alive = false;
  bool http_11 = false;
  bool expects_continue = false;
  std::string target;  ///< path and query; the router decodes it in place
  std::string if_none_match;
  std::string cache_control;
  std::string content_type;
  std::string request_id;
  std::string min_position;  ///< Ctx-Min-Position
  std::string consistency;   ///< Ctx-Consistency
  /// Of a POST: all of its header lines, "name: value\r\n" each, for those who want other fields: see
  /// `values_of`.
  std::string lines;
  std::string body;

  void clear() {
    verb = method::other;
    keep_alive = http_11 = expects_continue = false;
    for (auto* text : {&target, &if_none_match, &cache_control, &content_type, &request_id, &min_position,
                       &consistency, &lines})
      text->clear();
    // A large body's memory is not kept for the small ones that follow.
    if (body.capacity() > body_bytes_kept) body = std::string{};
    body.clear();
  }
};

}  // namespace ctxcache::http
