#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "ctxcache/entry.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache {

/// The bytes of a value in L2: a versioned header, the key, then the body (docs/wire-format.md).
/// The header begins with magic, version, epoch and sequence number, big endian, so that Redis can compare
/// two stamps as strings: bytes 0-7 magic and version, 8-15 epoch, 16-23 sequence number.
inline constexpr std::size_t stamp_prefix_bytes = 24;
/// Bodies of at least this size are compressed (zstd), when that makes them smaller.
inline constexpr std::size_t compress_from_bytes = 1024;
/// The largest body that is stored or decoded.
inline constexpr std::size_t body_bytes_max = std::size_t{16} << 20;
/// The longest life and load that a header can state; beyond it, time points would overflow.
inline constexpr std::chrono::hours life_max{24 * 365 * 100};

/// `ttl`, positive, is the whole life that the value gets in L2. `value` is not an unknown customer's.
/// errc::too_large over body_bytes_max.
[[nodiscard]] result<std::string> encode_value(const key_view& where, const entry& value,
                                               std::chrono::milliseconds ttl);

/// `remaining` is what is left of its life (PTTL): age and expiry are reckoned back from `now` with it, so no
/// clock of another machine is trusted; never more is left than the whole life.
/// errc::corrupt_value for whatever `encode_value` did not make for this very key, and when nothing remains.
[[nodiscard]] result<std::shared_ptr<entry>> decode_value(const key_view& wanted, std::string_view bytes,
                                                          std::chrono::milliseconds remaining,
                                                          time_point now);

}  // namespace ctxcache
