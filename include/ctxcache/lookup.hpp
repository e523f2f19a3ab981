#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "ctxcache/deadline.hpp"
#include "ctxcache/entry.hpp"

namespace ctxcache {

/// Where an answer came from.
enum class origin : std::uint8_t { l1, l2, provider, stale };

/// What a caller may ask of one read beyond the value; the words are those of HTTP's Cache-Control.
struct read_options {
  deadline until;
  bool no_cache = false;                          ///< ask the providers, then keep the answer
  bool no_store = false;                          ///< ask the providers, keep nothing
  bool only_if_cached = false;                    ///< errc::not_cached instead of asking the providers
  std::optional<std::chrono::seconds> max_age{};  ///< a cached value must not be older
  bool strict = false;                            ///< a cached value only while licensed, without grace
  std::optional<position> min_position{};  ///< a cached value only once this has been applied here (rule 14)
};

/// An answer and how it came about.
struct lookup {
  entry_ptr value;  ///< never null in a successful answer
  origin from = origin::provider;
  std::chrono::seconds ttl{0};  ///< left in the tier it came from; negative for stale
  bool stored = false;          ///< kept in a tier by this read
  bool collapsed = false;       ///< joined a load that was under way
  bool l2_asked = false;        ///< L2 was asked, and missed unless `from` is l2
};

}  // namespace ctxcache
