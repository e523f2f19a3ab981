#include "changes/intake.hpp"

#include <array>

namespace ctxcache::changes {

std::string_view name(outcome::verdict what) {
  constexpr std::array<std::string_view, 5> names{"invalidated", "ignored", "duplicate", "rejected",
                                                  "failed"};
  return names[static_cast<std::size_t>(what)];
}

}  // namespace ctxcache::changes
