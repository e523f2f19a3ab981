// Values as they lie in Redis. The first byte says whether the checksum is to be made right: else it would
// keep nearly everything out.
#include "model/entry_header.hpp"

#include <xxhash.h>

#include <string>

#include "target.hpp"

namespace {

using namespace std::chrono_literals;
constexpr ctxcache::time_point now{1h};

void decode(const ctxcache::key& of, std::string_view bytes) {
  const auto found = ctxcache::decode_value(of, bytes, 30s, now);
  if (!found) return;
  const auto& value = **found;
  CTX_ASSERT(value.body.size() <= ctxcache::body_bytes_max);
  CTX_ASSERT(value.expires_at <= now + 30s && value.expires_at > now);
  const auto again = ctxcache::encode_value(of, value, 30s);
  CTX_ASSERT(again.has_value());
  const auto same = ctxcache::decode_value(of, *again, 30s, now);
  CTX_ASSERT(same && (*same)->body == value.body && (*same)->stamp == value.stamp);
}

}  // namespace

void try_input(std::string_view bytes) {
  static const auto of = *ctxcache::key::make({"cust_1", "support"});
  if (bytes.empty()) return;
  std::string value{bytes.substr(1)};
  if ((bytes[0] & 1) != 0) {
    const auto sum = XXH3_64bits(value.data(), value.size());
    for (int shift = 56; shift >= 0; shift -= 8) value += static_cast<char>(sum >> shift & 0xFF);
  }
  decode(of, value);
}
