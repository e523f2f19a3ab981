#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ctxcache/clock.hpp"
#include "ctxcache/position.hpp"

namespace ctxcache {

/// Which run of a warming job loaded an entry, and as which of its entries, so that a later hit is credited.
struct warm_mark {
  std::uint32_t run = 0;    ///< 0: none
  std::uint32_t place = 0;  ///< below 2^24
  friend bool operator==(const warm_mark&, const warm_mark&) = default;
};

/// One context as both tiers hold it: the bytes that are served, serialised once. Immutable once shared.
struct entry {
  std::string body;      ///< a JSON document, UTF-8
  std::string etag;      ///< strong and quoted: 32 hexadecimal digits of XXH3-128 over `body`
  position stamp;        ///< copies keep it
  time_point loaded_at;  ///< when its load ended, by the clock of this process; `Age` counts from it
  boot_clock::duration load_duration{};  ///< how long the providers took
  time_point expires_at;                 ///< the end of its life in L2; its L1 life ends then or before
  bool partial = false;                  ///< an optional section failed
  bool unknown = false;                  ///< the customer does not exist (negative caching); `body` is empty
  bool own = false;                      ///< loaded or put by this process, not read from L2
  warm_mark credit{};                    ///< goes with the value into L2

  /// The generation of the validity table at which rule 3 was last found to hold, so that a hit need not look
  /// it up again while the table stands still.
  mutable std::atomic<std::uint64_t> checked_at{0};
  /// Whether a hit has been credited to `credit` in this process.
  mutable std::atomic<bool> credited{false};

  /// What it costs in memory, without the tier's own bookkeeping. Bytes.
  [[nodiscard]] std::size_t charge() const { return sizeof(entry) + body.capacity() + etag.capacity(); }
};

using entry_ptr = std::shared_ptr<const entry>;

/// The strong ETag of a body, quoted.
[[nodiscard]] std::string etag_of(std::string_view body);

}  // namespace ctxcache
