#include "redis/log_scripts.hpp"

#include <string>
#include <string_view>

namespace ctxcache::redis {
namespace {

// A server that lost data has another replication id: one that was restarted, and a replica that was
// promoted.
constexpr std::string_view check = R"(
local log, meta = KEYS[1], KEYS[2]
local history = redis.call('INFO', 'replication'):match('master_replid:(%x+)')
local e, r, n, c, old = unpack(redis.call('HMGET', meta, 'e', 'r', 'n', 'c', 'o'))
if not e or not n or r ~= history or (n ~= '0' and redis.call('EXISTS', log) == 0) then
  e, n, c, old = ARGV[1], '0', ARGV[2], false
  redis.call('UNLINK', log, meta)
  redis.call('HSET', meta, 'e', e, 'r', history, 'n', n, 'c', c)
end
)";

// Appends before it counts: an error of XADD leaves no gap.
constexpr std::string_view publish = R"(
n = string.format('%.0f', n + 1)
redis.call('XADD', log, 'MAXLEN', '~', ARGV[3], n .. '-0', 'e', e, unpack(ARGV, 4))
redis.call('HSET', meta, 'n', n)
return {e, n}
)";

constexpr std::string_view heartbeat = R"(
local applied = ARGV[4] == e and ARGV[5] or '0'
redis.call('HSET', meta, ARGV[3], applied .. ':' .. ARGV[6])
if not old and ARGV[4] == e and ARGV[7] == '1' then
  old = '1'
  redis.call('HSET', meta, 'o', old)
end
return {e, n, c, old or '0'}
)";

constexpr std::string_view remove = R"(
local beat = redis.call('HGET', KEYS[2], ARGV[1])
if not beat or (ARGV[2] ~= '' and beat:match(':(%d+)$') ~= ARGV[2]) then return 0 end
return redis.call('HDEL', KEYS[2], ARGV[1])
)";

}  // namespace

const sturdy_script& publish_script() {
  static const auto made = make_sturdy_script(std::string{check} + std::string{publish});
  return made;
}

const sturdy_script& heartbeat_script() {
  static const auto made = make_sturdy_script(std::string{check} + std::string{heartbeat});
  return made;
}

const sturdy_script& remove_script() {
  static const auto made = make_sturdy_script(std::string{remove});
  return made;
}

}  // namespace ctxcache::redis
