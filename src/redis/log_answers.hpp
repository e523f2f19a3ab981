#pragma once

#include <optional>
#include <string>

#include "ctxcache/log_store.hpp"
#include "redis/resp.hpp"

namespace ctxcache::redis {

// What the scripts and the hash `meta` say; nullopt for what they cannot have said.

/// The constants of a fleet as they stand in `meta`: "L:G:S:D", in milliseconds.
[[nodiscard]] std::string text_of(const fleet_constants& all);

/// What publish_script returned.
[[nodiscard]] std::optional<position> read_place(const reply& answer);

/// What heartbeat_script returned; no replicas yet.
[[nodiscard]] std::optional<log_store::beat_answer> read_beat_answer(const reply& answer);

/// All of `meta`, as HGETALL gives it; no members and position 0.0 without any. One whose beat makes no sense
/// counts as one that has applied nothing.
[[nodiscard]] std::optional<log_store::members> read_members(const reply& answer);

/// What INFO says; nullopt for what is no answer to it.
[[nodiscard]] std::optional<server_facts> read_facts(const reply& answer);

}  // namespace ctxcache::redis
