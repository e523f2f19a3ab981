#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ctxcache/key.hpp"

namespace ctxcache {

/// The three hashes under which a key is found and invalidated.
struct key_hashes {
  std::uint64_t customer = 0;    ///< of `context:{customer}`
  std::uint64_t agent_type = 0;  ///< of `context:{customer}:{agent_type}`
  std::uint64_t whole = 0;       ///< of the whole text; differs from `agent_type` even without a conversation
};

/// A keyed hash (XXH3-64 with a random secret of this object), so that nobody can choose keys that collide.
class key_hasher {
 public:
  key_hasher();
  [[nodiscard]] key_hashes operator()(const key_view& one) const noexcept;
  /// The hash of a scope's text, equal to the member of `key_hashes` that it covers (kinds key, agent_type,
  /// customer).
  [[nodiscard]] std::uint64_t operator()(const scope& what) const noexcept;

 private:
  static constexpr std::size_t secret_bytes = 192;
  alignas(64) std::array<unsigned char, secret_bytes> secret_;
};

/// A key on its way through the tiers: text and hashes, computed once.
struct hashed_key {
  key_view text;
  key_hashes hash;
};

}  // namespace ctxcache
