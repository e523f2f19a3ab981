#include "model/entry_header.hpp"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <boost/endian/conversion.hpp>
#include <memory>
#include <optional>

#include "base/assert.hpp"

namespace ctxcache {
namespace {

using boost::endian::load_big_u16;
using boost::endian::load_big_u32;
using boost::endian::load_big_u64;
using boost::endian::store_big_u16;
using boost::endian::store_big_u32;
using boost::endian::store_big_u64;
using std::chrono::milliseconds;

constexpr std::string_view magic{"ctxval\0\1", 8};  // the last two bytes are the version

// docs/wire-format.md has the same offsets.
namespace offset {
constexpr std::size_t epoch = 8;
constexpr std::size_t sequence = 16;
constexpr std::size_t flags = 24;
constexpr std::size_t codec = 25;
constexpr std::size_t key_bytes = 26;
constexpr std::size_t ttl_ms = 28;
constexpr std::size_t load_us = 36;
constexpr std::size_t body_bytes = 44;
constexpr std::size_t stored_bytes = 48;
constexpr std::size_t key = 52;
}  // namespace offset

constexpr std::size_t checksum_bytes = 8;
constexpr std::size_t credit_bytes = 8;
constexpr unsigned char flag_partial = 1;
constexpr unsigned char flag_credit = 2;

enum class codec : unsigned char { none = 0, zstd = 1 };

const unsigned char* bytes_at(std::string_view bytes, std::size_t where) {
  return reinterpret_cast<const unsigned char*>(bytes.data()) + where;
}

// One context for each thread: making one costs more than a small body's work (17 µs against 3).
struct zstd_freed {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

/// nullopt when it is not worth it.
std::optional<std::string> compressed(std::string_view body) {
  if (body.size() < compress_from_bytes) return std::nullopt;
  thread_local const std::unique_ptr<ZSTD_CCtx, zstd_freed> context{ZSTD_createCCtx()};
  CTX_ASSERT(context != nullptr);
  std::string out(ZSTD_compressBound(body.size()), '\0');
  const auto bytes =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), body.data(), body.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(bytes) != 0 || bytes >= body.size()) return std::nullopt;
  out.resize(bytes);
  return out;
}

/// nullopt unless there are exactly `body_bytes`.
std::optional<std::string> decompressed(std::string_view stored, std::size_t body_bytes) {
  if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != body_bytes) return std::nullopt;
  thread_local const std::unique_ptr<ZSTD_DCtx, zstd_freed> context{ZSTD_createDCtx()};
  CTX_ASSERT(context != nullptr);
  std::string out(body_bytes, '\0');
  const auto bytes = ZSTD_decompressDCtx(context.get(), out.data(), out.size(), stored.data(), stored.size());
  if (bytes != body_bytes) return std::nullopt;  // an error code is larger than every size
  return out;
}

std::optional<std::string> unpacked(unsigned char how, std::string_view stored, std::size_t body_bytes) {
  switch (static_cast<codec>(how)) {
    case codec::none:
      if (stored.size() != body_bytes) return std::nullopt;
      return std::string{stored};
    case codec::zstd:
      return decompressed(stored, body_bytes);
  }
  return std::nullopt;
}

struct parts {
  std::string_view key;
  std::string_view stored;
  std::string_view credit;  // empty without one
};

/// nullopt when it is no value of this version, its sizes do not add up, or it was altered.
std::optional<parts> split(std::string_view bytes) {
  if (bytes.size() < offset::key + checksum_bytes || !bytes.starts_with(magic)) return std::nullopt;
  const std::size_t key_bytes = load_big_u16(bytes_at(bytes, offset::key_bytes));
  const std::size_t stored_bytes = load_big_u32(bytes_at(bytes, offset::stored_bytes));
  const bool credited = (*bytes_at(bytes, offset::flags) & flag_credit) != 0;
  const auto end = offset::key + key_bytes + stored_bytes + (credited ? credit_bytes : 0);
  if (bytes.size() != end + checksum_bytes) return std::nullopt;
  if (XXH3_64bits(bytes.data(), end) != load_big_u64(bytes_at(bytes, end))) return std::nullopt;
  return parts{.key = bytes.substr(offset::key, key_bytes),
               .stored = bytes.substr(offset::key + key_bytes, stored_bytes),
               .credit = bytes.substr(offset::key + key_bytes + stored_bytes, credited ? credit_bytes : 0)};
}

}  // namespace

result<std::string> encode_value(const key_view& where, const entry& value, milliseconds ttl) {
  CTX_ASSERT(!value.unknown);
  CTX_ASSERT(ttl > milliseconds::zero() && ttl <= life_max);
  CTX_ASSERT(value.load_duration >= boot_clock::duration::zero() && value.load_duration <= life_max);
  if (value.body.size() > body_bytes_max) return errc::too_large;
  const auto packed = compressed(value.body);
  const std::string_view stored = packed ? *packed : value.body;
  const auto load_us = std::chrono::duration_cast<std::chrono::microseconds>(value.load_duration).count();

  std::array<unsigned char, offset::key> header{};
  std::copy(magic.begin(), magic.end(), header.begin());
  store_big_u64(&header[offset::epoch], value.stamp.epoch);
  store_big_u64(&header[offset::sequence], value.stamp.sequence);
  const bool credited = value.credit.run != 0;
  header[offset::flags] =
      static_cast<unsigned char>((value.partial ? flag_partial : 0) | (credited ? flag_credit : 0));
  header[offset::codec] = static_cast<unsigned char>(packed ? codec::zstd : codec::none);
  store_big_u16(&header[offset::key_bytes], static_cast<std::uint16_t>(where.text().size()));
  store_big_u64(&header[offset::ttl_ms], static_cast<std::uint64_t>(ttl.count()));
  store_big_u64(&header[offset::load_us], static_cast<std::uint64_t>(load_us));
  store_big_u32(&header[offset::body_bytes], static_cast<std::uint32_t>(value.body.size()));
  store_big_u32(&header[offset::stored_bytes], static_cast<std::uint32_t>(stored.size()));

  std::string out;
  out.reserve(header.size() + where.text().size() + stored.size() + credit_bytes + checksum_bytes);
  out.append(header.begin(), header.end()).append(where.text()).append(stored);
  if (credited) {
    std::array<unsigned char, credit_bytes> credit{};
    store_big_u32(credit.data(), value.credit.run);
    store_big_u32(&credit[4], value.credit.place);
    out.append(credit.begin(), credit.end());
  }
  std::array<unsigned char, checksum_bytes> checksum{};
  store_big_u64(checksum.data(), XXH3_64bits(out.data(), out.size()));
  out.append(checksum.begin(), checksum.end());
  return out;
}

result<std::shared_ptr<entry>> decode_value(const key_view& wanted, std::string_view bytes,
                                            milliseconds remaining, time_point now) {
  const auto found = split(bytes);
  if (!found || found->key != wanted.text() || remaining <= milliseconds::zero()) return errc::corrupt_value;
  const auto flags = *bytes_at(bytes, offset::flags);
  const auto ttl_ms = load_big_u64(bytes_at(bytes, offset::ttl_ms));
  const auto load_us = load_big_u64(bytes_at(bytes, offset::load_us));
  const std::size_t body_bytes = load_big_u32(bytes_at(bytes, offset::body_bytes));
  constexpr auto ttl_ms_max = static_cast<std::uint64_t>(milliseconds{life_max}.count());
  if ((flags & ~(flag_partial | flag_credit)) != 0 || ttl_ms == 0 || ttl_ms > ttl_ms_max ||
      load_us > 1000 * ttl_ms_max || body_bytes > body_bytes_max) {
    return errc::corrupt_value;
  }
  auto body = unpacked(*bytes_at(bytes, offset::codec), found->stored, body_bytes);
  if (!body) return errc::corrupt_value;

  const milliseconds ttl{ttl_ms};
  const auto left = std::min(remaining, ttl);
  auto out = std::make_shared<entry>();
  out->body = std::move(*body);
  out->etag = etag_of(out->body);
  out->stamp = {.epoch = load_big_u64(bytes_at(bytes, offset::epoch)),
                .sequence = load_big_u64(bytes_at(bytes, offset::sequence))};
  out->loaded_at = now - (ttl - left);
  out->load_duration = std::chrono::microseconds{load_us};
  out->expires_at = now + left;
  out->partial = (flags & flag_partial) != 0;
  if (!found->credit.empty()) {
    out->credit = {.run = load_big_u32(bytes_at(found->credit, 0)),
                   .place = load_big_u32(bytes_at(found->credit, 4))};
  }
  return out;
}

}  // namespace ctxcache
