#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schedule/plan.hpp"

namespace ctxcache::warming {

/// What the fleet remembers of a schedule by the clock: its latest occurrence, and what became of it.
struct schedule_record {
  enum class outcome {
    first_seen,  ///< no occurrence yet: `occurrence` is when the schedule came to be known
    planned,     ///< begun in time, by one process, at most once; `job` follows when its job has started
    missed,      ///< begun late, the same way
    skipped,     ///< missed, and not begun
  };
  std::string timing;            ///< plan::text(): of another timing, it says nothing about this one
  schedule::instant occurrence;  ///< as planned
  outcome what = outcome::first_seen;
  schedule::instant at;  ///< when that was decided
  std::string by;        ///< the process
  std::string job{};
};

/// "planned", "missed", …
[[nodiscard]] std::string_view name(schedule_record::outcome what);

/// As JSON, and back; nothing for a text that is none.
[[nodiscard]] std::string encode(const schedule_record& record);
[[nodiscard]] std::optional<schedule_record> decode_schedule_record(std::string_view text);

}  // namespace ctxcache::warming
