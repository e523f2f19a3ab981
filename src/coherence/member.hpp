#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coherence/validity.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/log_message.hpp"
#include "ctxcache/position.hpp"
#include "model/key_hash.hpp"

namespace ctxcache::coherence {

/// A process in the fleet: it follows the shared log and knows until when it may serve (rules 1, 4, 7, 8, 9).
///
/// Sans-I/O: answers and messages come in with their times, what is wanted next goes out. Its results stand
/// in the validity table. Belongs to one executor; the table is what others see.
///
/// What stays true
/// - The table's position names a message that was applied; the floor covers what before it was not.
/// - A licence ends `licence` after the sending of a heartbeat that replicas acknowledged, in our epoch.
/// - What that heartbeat's answer named had been applied when it was extended. Nothing else extends it.
class member {
 public:
  member(validity& table, const key_hasher& hash, fleet_constants constants);

  /// What the one who does the I/O is to do next.
  enum class wanted { nothing, heartbeat, join };

  /// What a heartbeat was answered: the log's last position, whether enough replicas have it, and whether a
  /// member has found the epoch to be old.
  struct beat_answer {
    position last;
    bool acknowledged = false;
    bool epoch_is_old = false;
  };
  /// The heartbeat was sent at `sent`.
  [[nodiscard]] wanted heard(time_point sent, time_point now, const beat_answer& said);
  /// Messages came, in the order of the log.
  [[nodiscard]] wanted arrived(std::span<const log_message> messages);
  /// The log was read whole: `last` is its position at the heartbeat before the reading, `messages` what is
  /// retained. False when the log has meanwhile begun a new epoch or lost what is needed: read again.
  [[nodiscard]] bool joined(time_point now, const position& last, std::span<const log_message> messages);

  /// An invalidation of ours is in the log: apply it without waiting for it to arrive. `mark` is what is
  /// pending in the table for it; it is settled as soon as the table forbids what the message does.
  void published(const scope& what, const position& at, time_point answered_at, std::uint64_t mark);

  /// This process may not take part: nothing cached is served from now on.
  void expel();

  [[nodiscard]] bool in_fleet() const { return in_fleet_; }
  /// Whether every process that serves is registered in this epoch: who is not has had the time to stop.
  [[nodiscard]] bool epoch_is_old(time_point now) const;
  [[nodiscard]] position applied() const { return table_.current(); }

  /// After so long no process that has not heard of a message serves what the message forbids; with what a
  /// clock may err.
  [[nodiscard]] boot_clock::duration deaf_max() const;
  /// After so long a process of which nothing was heard serves nothing cached at all.
  [[nodiscard]] boot_clock::duration silence_max() const;

  struct fellow {
    std::string_view id;
    std::uint64_t applied = 0;
  };
  enum class verdict { waiting, confirmed, start_over };
  /// Rule 8: whether nobody serves what message `at` forbids. `published_at`: when its PUBLISH was answered;
  /// `last` and `fellows`: the registry as read now.
  [[nodiscard]] verdict judge_fence(const position& at, time_point published_at, const position& last,
                                    std::span<const fellow> fellows, time_point now) const;

 private:
  // Ours, and the log has not brought it back yet.
  struct own_message {
    scope what;
    position at;
    time_point answered_at;
    std::uint64_t mark;  // pending while the table is of another epoch
  };

  void extend();
  void settle_lost(const position& last, time_point sent);

  validity& table_;
  const key_hasher& hash_;
  const fleet_constants constants_;
  bool in_fleet_ = false;
  // What was applied before the present heartbeat left, so that its answer must know of it. What is applied
  // while it is under way may have overtaken the answer.
  std::uint64_t certain_ = 0;
  time_point epoch_known_since_{};
  bool epoch_is_old_ = false;  // as another member has found
  struct claim {
    time_point sent;
    position last;
  };
  std::vector<own_message> own_;
  std::optional<claim> claim_;  // the newest acknowledged heartbeat that is not yet a licence
};

}  // namespace ctxcache::coherence
