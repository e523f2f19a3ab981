#include "ctxcache/entry.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace ctxcache {

std::string etag_of(std::string_view body) {
  const auto hash = XXH3_128bits(body.data(), body.size());
  return fmt::format("\"{:016x}{:016x}\"", hash.high64, hash.low64);
}

}  // namespace ctxcache
