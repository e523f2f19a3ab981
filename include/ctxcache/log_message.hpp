#pragma once

#include <chrono>
#include <string>

#include "ctxcache/key.hpp"
#include "ctxcache/position.hpp"

namespace ctxcache {

/// What a process says when it appends to the shared log.
struct log_record {
  scope what = scope::everything();
  std::string reason{};
  std::string member{};  ///< who appended it
  bool fence = false;    ///< whoever applies it reports its position at once
};

/// A record at its place.
struct log_message {
  position at;
  log_record said;
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
