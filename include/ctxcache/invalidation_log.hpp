#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/deadline.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"
#include "ctxcache/position.hpp"

namespace ctxcache {

/// What is to be invalidated.
struct invalidation {
  scope what;
  std::string reason{};  ///< why, as the caller said; kept for those who ask later
  bool fence = false;    ///< `fence` will be asked about it
};

/// How a process stands in its fleet.
struct fleet_report {
  bool shared = false;     ///< there is a log that other processes share
  bool joined = true;      ///< what is in the log is known here
  bool licensed = true;    ///< cached values may be served, within the grace too
  std::string member{};    ///< its name in the registry
  std::string refusal{};   ///< why it does not join, as a sentence; empty: it does
  std::size_t queued = 0;  ///< own invalidations that wait to be published
};

/// The ordered log of invalidations that all processes of a fleet apply. Safe to call from every thread.
/// Implementations: the one of a single process; the fleet's, over a log_store.
class invalidation_log {
 public:
  virtual ~invalidation_log() = default;

  struct publication {
    position at{};             ///< names this message and no other; meaningless while queued
    time_point asked_at{};     ///< before the log was asked
    time_point answered_at{};  ///< when the log had it
    bool queued = false;       ///< the log cannot be reached: on disk, to be published when it can be
  };
  /// Appends and applies here. When it returns, no read that begins in this process is answered with what was
  /// loaded before the call, queued or not.
  [[nodiscard]] virtual boost::asio::awaitable<result<publication>> publish(invalidation message,
                                                                            deadline until) = 0;

  struct fence_report {
    bool confirmed = false;  ///< no process serves what the message forbids any more
    struct member {
      std::string id;
      std::uint64_t applied = 0;
    };
    std::vector<member> members{};  ///< as last seen
    position at{};  ///< the message that was waited for: a later one when it had to be said again
  };
  /// Waits until every process has applied the message, or has lost the right to serve without it (rule 8).
  [[nodiscard]] virtual boost::asio::awaitable<result<fence_report>> fence(invalidation message,
                                                                           publication published,
                                                                           deadline until) = 0;
  /// How far the fence of an earlier message is, without waiting. errc::position_lost when its epoch is over:
  /// only a new invalidation can be confirmed then.
  [[nodiscard]] virtual boost::asio::awaitable<result<fence_report>> fence_at(position at,
                                                                              deadline until) = 0;

  /// Under which stamp a value read from L2 is judged here; nullopt: under none, it is a miss.
  [[nodiscard]] virtual std::optional<position> stamp_of(const entry& from_l2) const noexcept = 0;

  /// Takes up what an earlier process left in the journal and joins the fleet; before that nothing cached is
  /// served. Waits for the joining until then, and goes on trying in the background. errc::invalid_config
  /// when the journal cannot be used: see the log.
  [[nodiscard]] virtual boost::asio::awaitable<result<void>> start(deadline until) = 0;
  [[nodiscard]] virtual fleet_report report() const = 0;
  /// Leaves the fleet and ends background work. No call may be under way.
  [[nodiscard]] virtual boost::asio::awaitable<void> stop() = 0;
};

}  // namespace ctxcache
