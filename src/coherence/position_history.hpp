#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "ctxcache/clock.hpp"
#include "ctxcache/position.hpp"

namespace ctxcache::coherence {

/// When this process had applied how much of the log, for a minute at least (rule 12). It is told now and
/// then and answers with what it was told last before: never more than is true. Safe to call from every
/// thread.
class position_history {
 public:
  /// What it is told of the same epoch sooner after the last is ignored.
  static constexpr std::chrono::milliseconds apart{20};
  static constexpr std::size_t notes_max = 4'096;

  /// All up to `here` has been applied, and it is `now`.
  void note(position here, time_point now);
  /// All up to here had been applied by `then`, in that epoch; nullopt: nothing is known.
  [[nodiscard]] std::optional<std::uint64_t> applied_by(time_point then, std::uint64_t epoch) const;

 private:
  struct noted {
    position here{};
    time_point at{};
  };
  [[nodiscard]] const noted& newest(std::size_t age) const {
    return notes_[(written_ - 1 - age) % notes_max];
  }

  mutable std::mutex mutex_;
  std::array<noted, notes_max> notes_;  // Guarded by mutex_, as written_. A ring.
  std::size_t written_ = 0;
};

}  // namespace ctxcache::coherence
