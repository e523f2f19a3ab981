#pragma once

#include <cstdint>

namespace ctxcache {

/// Bits that nobody can foretell: for ids, epochs and the keys of hashes. Throws std::system_error when the
/// machine has none. The simulator (tests/sim) gives it a seed.
[[nodiscard]] std::uint64_t random_u64();

}  // namespace ctxcache
