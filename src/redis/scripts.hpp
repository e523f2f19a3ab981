#pragma once

#include <string>
#include <string_view>

#include "redis/resp.hpp"

namespace ctxcache::redis {

/// A Lua script that Redis runs, and what EVALSHA calls it.
struct script {
  std::string text;
  std::string sha;
};

[[nodiscard]] script make_script(std::string text);

/// Whether Redis answered EVALSHA that it does not know the script.
[[nodiscard]] bool has_no_script(const reply& answer);

/// A script that works in a full Redis too, where the server is new enough to be told so (7.0).
struct sturdy_script {
  script when_full;  ///< an older server cannot compile it
  script plain;
};

[[nodiscard]] sturdy_script make_sturdy_script(const std::string& text);

/// Whether the server answered that it cannot compile `when_full`.
[[nodiscard]] bool knows_no_flags(const reply& answer);

/// KEYS[1], ARGV: a value, its life in milliseconds. Stores it and returns 1; or returns 0 when what is there
/// has the same magic, version and epoch and a higher sequence number.
[[nodiscard]] const script& put_script();

/// KEYS, ARGV: an epoch and a sequence number, 8 bytes each, big endian. Unlinks the keys whose value does
/// not have that epoch and at least that sequence number. Returns how many.
[[nodiscard]] const script& unlink_script();

}  // namespace ctxcache::redis
