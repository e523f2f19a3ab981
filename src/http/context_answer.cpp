#include "http/context_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ctxcache::http {

boost::static_strings::static_string<160> cache_status(const lookup& got, const read_options& asked) {
  boost::static_strings::static_string<160> out;
  const auto put = std::back_inserter(out);
  const std::string_view l1_forward = asked.no_cache || asked.no_store ? "request" : "miss";
  const std::string_view stored = got.stored ? "; stored" : "";
  const std::string_view collapsed = got.collapsed ? "; collapsed" : "";
  switch (got.from) {
    case origin::l1:
      fmt::format_to(put, "ctxcache-l1; hit; ttl={}", got.ttl.count());
      break;
    case origin::l2:
      fmt::format_to(put, "ctxcache-l1; fwd=miss{}, ctxcache-l2; hit; ttl={}", collapsed, got.ttl.count());
      break;
    case origin::provider:
      if (got.l2_asked)
        fmt::format_to(put, "ctxcache-l1; fwd={}, ctxcache-l2; fwd=miss{}{}", l1_forward, stored, collapsed);
      else
        fmt::format_to(put, "ctxcache-l1; fwd={}{}{}", l1_forward, stored, collapsed);
      break;
    case origin::stale:
      fmt::format_to(put, "ctxcache-l1; fwd=stale; detail=provider-down");
      break;
  }
  return out;
}

std::string_view name(origin from) {
  switch (from) {
    case origin::l1:
      return "l1";
    case origin::l2:
      return "l2";
    case origin::provider:
      return "provider";
    case origin::stale:
      return "stale";
  }
  return "";
}

std::chrono::seconds age_of(const entry& value, time_point now) {
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - value.loaded_at);
  return std::max(age, std::chrono::seconds::zero());
}

const std::string& position_text(const position& at) {
  thread_local position last;
  thread_local std::string text;
  if (text.empty() || !(at == last)) {
    text = to_string(at);
    last = at;
  }
  return text;
}

}  // namespace ctxcache::http
