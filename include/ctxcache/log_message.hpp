#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/key.hpp"
#include "ctxcache/position.hpp"

namespace ctxcache {

/// Civil time as machines tell it to each other: their clocks may differ, so nothing is decided by it.
using wall_time = std::chrono::sys_time<std::chrono::microseconds>;

/// What a process says when it appends to the shared log.
struct log_record {
  scope what = scope::everything();
  std::string reason{};
  std::string member{};  ///< who appended it
  bool fence = false;    ///< whoever applies it reports its position at once
  wall_time said_at{};   ///< by the clock of who appended it; the epoch of that clock: unknown
};

/// A record at its place.
struct log_message {
  position at;
  log_record said;
};

/// A message and when this process applied it.
struct applied_message {
  log_message message;
  wall_time applied_at{};
  /// From being said to being applied, by two clocks, so never below 0. None when it is not known when it was
  /// said, or when it was read at joining: it had been in the log for longer.
  std::optional<std::chrono::microseconds> lag{};
};

/// Some of the messages applied here, oldest first, and behind which position to go on.
struct applied_page {
  std::vector<applied_message> messages{};
  position next{};
};

/// The constants of a fleet, kept beside the log when it is created.
struct fleet_constants {
  std::chrono::milliseconds licence{2'000};         ///< L: how long an answer of the log lets a process serve
  std::chrono::milliseconds grace{10'000};          ///< G: how much longer without another one
  std::chrono::milliseconds own_loads{60'000};      ///< S: after its licence it serves its own loads so long
  std::chrono::milliseconds load_deadline{10'000};  ///< D: what took longer to load is not kept
  friend bool operator==(const fleet_constants&, const fleet_constants&) = default;
};

}  // namespace ctxcache
