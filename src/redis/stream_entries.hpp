#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/change_source.hpp"
#include "redis/resp.hpp"

namespace ctxcache::redis {

/// One entry of a stream that others write into.
struct stream_entry {
  std::string id;
  /// Names and values in turn; none when it was deleted or trimmed before it was read.
  std::optional<std::vector<std::string>> fields{};
  bool too_large = false;  ///< to be read; without fields
};

/// What XREADGROUP of one stream answers; nullopt for what it cannot have said.
[[nodiscard]] std::optional<std::vector<stream_entry>> read_entries(const reply& answer);

/// The change that an entry of the stream tells of: its field `event`, or its only field `data`, is a
/// CloudEvent as JSON; else its fields are an event's members, all of them strings but a `data` that is a
/// JSON object.
///
/// An entry that says no type, or cannot be read, becomes a change without type, so that whoever is to apply
/// it puts it aside: its document says why and what was there.
[[nodiscard]] change change_of(std::string_view stream, const stream_entry& entry);

}  // namespace ctxcache::redis
