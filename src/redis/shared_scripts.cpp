#include "redis/shared_scripts.hpp"

namespace ctxcache::redis {

const sturdy_script& hold_script() {
  static const auto made = make_sturdy_script(R"(
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
)");
  return made;
}

const script& release_script() {
  static const auto made = make_script(R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
)");
  return made;
}

const script& put_fact_script() {
  static const auto made = make_script(R"(
if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
)");
  return made;
}

const script& append_script() {
  static const auto made = make_script(R"(
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -ARGV[2], -1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
)");
  return made;
}

const script& replace_script() {
  static const auto made = make_script(R"(
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
)");
  return made;
}

const script& list_script() {
  static const auto made = make_script(R"(
local found, bytes = {}, 0
for place = 1, tonumber(ARGV[1]) do
  local value = redis.call('LINDEX', KEYS[1], -place)
  bytes = bytes + #(value or '')
  if not value or bytes > tonumber(ARGV[2]) then break end
  found[place] = value
end
return found
)");
  return made;
}

const script& mark_script() {
  static const auto made = make_script(R"(
for i = 2, #ARGV do redis.call('SETBIT', KEYS[1], ARGV[i], 1) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
)");
  return made;
}

}  // namespace ctxcache::redis
