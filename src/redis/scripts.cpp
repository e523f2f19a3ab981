#include "redis/scripts.hpp"

#include <openssl/sha.h>

#include <array>
#include <utility>

namespace ctxcache::redis {
namespace {

// Where a stamp is in a value: entry_header.hpp, counted from 1 as Lua does. Numbers of 64 bits do not fit
// Lua's, and its `<` on strings follows the server's locale, so bytes are compared. What is not a string, or
// a short one, is none of ours: it is overwritten or unlinked.
constexpr std::string_view common = R"(
local function below(a, b)
  for i = 1, 8 do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return false
end
local function stamp_at(key)
  local bytes = redis.pcall('GETRANGE', key, 0, 23)
  return type(bytes) == 'string' and #bytes == 24 and bytes
end
)";

constexpr std::string_view put = R"(
local old, new = stamp_at(KEYS[1]), ARGV[1]
if old and old:sub(1, 16) == new:sub(1, 16) and below(new:sub(17, 24), old:sub(17, 24)) then return 0 end
redis.call('SET', KEYS[1], new, 'PX', ARGV[2])
return 1
)";

constexpr std::string_view unlink = R"(
local count = 0
for _, key in ipairs(KEYS) do
  local old = stamp_at(key)
  if not old or old:sub(9, 16) ~= ARGV[1] or below(old:sub(17, 24), ARGV[2]) then
    count = count + redis.call('UNLINK', key)
  end
end
return count
)";

script make(std::string_view own) {
  return make_script(std::string{common} + std::string{own});
}

}  // namespace

script make_script(std::string text) {
  script made{.text = std::move(text), .sha = {}};
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  ::SHA1(reinterpret_cast<const unsigned char*>(made.text.data()), made.text.size(), digest.data());
  for (const auto byte : digest) {
    made.sha += "0123456789abcdef"[byte >> 4];
    made.sha += "0123456789abcdef"[byte & 15];
  }
  return made;
}

bool has_no_script(const reply& answer) {
  return answer.is == reply::kind::error && answer.text.starts_with("NOSCRIPT");
}

sturdy_script make_sturdy_script(const std::string& text) {
  return {.when_full = make_script("#!lua flags=allow-oom" + text), .plain = make_script(text)};
}

bool knows_no_flags(const reply& answer) {
  return answer.is == reply::kind::error && answer.text.starts_with("ERR Error compiling script");
}

const script& put_script() {
  static const auto made = make(put);
  return made;
}

const script& unlink_script() {
  static const auto made = make(unlink);
  return made;
}

}  // namespace ctxcache::redis
