#include "model/key_hash.hpp"

#include <cstring>

#include "base/assert.hpp"
#include "base/random.hpp"

#define XXH_INLINE_ALL  // a call into the library costs as much as hashing a short key
#include <xxhash.h>

namespace ctxcache {
namespace {

// Prefixes and whole texts are hashed with different parts of the secret, so that a key without a
// conversation and its agent type, which have the same text, have different hashes.
enum class part : std::size_t { prefix = 0, whole = 56 };

std::uint64_t hash(std::string_view text, const unsigned char* secret, part which) noexcept {
  return XXH3_64bits_withSecret(text.data(), text.size(), secret + static_cast<std::size_t>(which),
                                XXH3_SECRET_SIZE_MIN);
}

}  // namespace

key_hasher::key_hasher() {
  static_assert(static_cast<std::size_t>(part::whole) + XXH3_SECRET_SIZE_MIN == secret_bytes);
  static_assert(secret_bytes % sizeof(std::uint64_t) == 0);
  for (std::size_t i = 0; i < secret_bytes; i += sizeof(std::uint64_t)) {
    const auto bits = random_u64();
    std::memcpy(secret_.data() + i, &bits, sizeof(bits));
  }
}

key_hashes key_hasher::operator()(const key_view& one) const noexcept {
  return {.customer = hash(one.customer_prefix(), secret_.data(), part::prefix),
          .agent_type = hash(one.agent_type_prefix(), secret_.data(), part::prefix),
          .whole = hash(one.text(), secret_.data(), part::whole)};
}

std::uint64_t key_hasher::operator()(const scope& what) const noexcept {
  CTX_ASSERT(what.kind() != scope_kind::pattern && what.kind() != scope_kind::all);
  const auto which = what.kind() == scope_kind::key ? part::whole : part::prefix;
  return hash(what.text(), secret_.data(), which);
}

}  // namespace ctxcache
