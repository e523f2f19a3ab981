#pragma once

#include "redis/scripts.hpp"

namespace ctxcache::redis {

// KEYS of all: the log, its meta. The first two begin with CHECK: without an epoch, on a server with another
// history than the one in meta, or with messages counted and the log gone, a new log begins.
// ARGV[1]: the epoch that it gets then, 16 hexadecimal digits; ARGV[2]: its constants.

/// ARGV[3]: how many messages to retain, about; then the message's fields and values. Appends it. Returns
/// {epoch, sequence number}.
[[nodiscard]] const sturdy_script& publish_script();

/// ARGV[3]: a member's field; the position that it has applied, epoch and sequence number; its count; "1"
/// when it has found that epoch old. Records "P:count". Returns {epoch, last sequence number, constants, "1"
/// when a member has found the log's epoch old}.
[[nodiscard]] const sturdy_script& heartbeat_script();

/// ARGV: a member's field; the count it must have, or nothing. Removes it. Returns how many.
[[nodiscard]] const sturdy_script& remove_script();

}  // namespace ctxcache::redis
