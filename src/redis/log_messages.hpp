#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/log_store.hpp"
#include "redis/resp.hpp"

namespace ctxcache::redis {

// A message in the stream has the id n-0 and these fields: `e` its epoch, which the script writes and which
// stays in all versions; `v` 1, the version; `k` and `t` kind and text of its scope; `w` why, `m` the member,
// `f` 1 for a fence, else 0; `s` when it was said, in microseconds of Unix time. What is not known is passed
// over, and so is an `s` that is absent or no number: nothing is decided by it.

/// The longest reason that is kept: what is longer is cut, for nothing may keep an invalidation out of the
/// log.
inline constexpr std::size_t reason_bytes_max = 1'024;

/// Fields and values of a record without its epoch, in turn.
[[nodiscard]] std::vector<std::string> fields_of(const log_record& said);

/// The first of these fields: version, kind and text of a scope.
[[nodiscard]] std::vector<std::string> fields_of(const scope& what);
/// nullopt when they are of another version, or their sense is unknown.
[[nodiscard]] std::optional<scope> read_scope(const reply& fields);

/// What XREAD answered for the one stream it was asked for. A message that cannot be read has the scope
/// `all`, and the epoch 0 when not even that can be. nullopt for what is no answer to XREAD.
[[nodiscard]] std::optional<std::vector<log_message>> read_messages(const reply& answer);

/// The sequence number of the first entry that XRANGE answered: n of its id n-0; 0 when there is none.
/// nullopt for what is no answer to XRANGE.
[[nodiscard]] std::optional<std::uint64_t> read_first(const reply& answer);

}  // namespace ctxcache::redis
