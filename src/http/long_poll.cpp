#include "http/long_poll.hpp"

#include "base/try.hpp"

namespace ctxcache::http {

parsed<paging> read_paging(const query& asked) {
  constexpr std::uint64_t limit_max = 1'000;
  constexpr std::uint64_t wait_seconds_max = 25;
  paging out;
  CTX_TRY(const auto limit, asked.number("limit", 1, limit_max));
  CTX_TRY(const auto wait, asked.number("wait", 0, wait_seconds_max));
  if (wait && !asked.find("after")) return query_fault("wait needs after: behind what to wait");
  out.limit = limit.value_or(out.limit);
  out.wait = std::chrono::seconds{wait.value_or(0)};
  return out;
}

}  // namespace ctxcache::http
