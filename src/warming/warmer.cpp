#include "warming/warmer.hpp"

#include <array>

namespace ctxcache::warming {

std::string_view name(job_report::state now) {
  constexpr std::array<std::string_view, 6> names{"running", "paused",    "holding",
                                                  "done",    "cancelled", "failed"};
  return names[static_cast<std::size_t>(now)];
}

}  // namespace ctxcache::warming
