#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ctxcache/entry.hpp"
#include "ctxcache/key.hpp"
#include "model/key_hash.hpp"

namespace ctxcache::bench {

inline constexpr std::size_t cached_items = 1'000;  // the default size of L1

/// Customers with one agent type each, as most requests have them.
[[nodiscard]] std::vector<key> make_keys(std::size_t count);

/// Indices of keys drawn by Zipf's law (exponent 1): a few customers get most of the reads. The same in each
/// run; `stream` tells threads apart.
[[nodiscard]] std::vector<std::uint32_t> zipf_draws(std::size_t keys, std::size_t draws, unsigned stream);

/// A context of 2 KB.
[[nodiscard]] std::shared_ptr<entry> make_value();

}  // namespace ctxcache::bench
