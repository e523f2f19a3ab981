#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/deadline.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/log_message.hpp"
#include "ctxcache/position.hpp"
#include "ctxcache/server_facts.hpp"

namespace ctxcache {

/// Where the fleet's log is kept: its two scripts and what reads it (docs/coherence.md). It keeps no state of
/// the protocol. One instance belongs to one executor. Errors: l2_unavailable, l2_timeout, l2_failed; from
/// every call. Implementations: the one in Redis; the simulator's.
class log_store {
 public:
  virtual ~log_store() = default;

  /// PUBLISH: appends; the position names this record and no other.
  [[nodiscard]] virtual boost::asio::awaitable<result<position>> publish(log_record record,
                                                                         deadline until) = 0;

  struct beat {
    std::string member;         ///< fresh and random for each start of a process
    position applied;           ///< recorded as 0 when its epoch is not the log's
    std::uint64_t count = 0;    ///< rises with each beat
    bool epoch_is_old = false;  ///< as in the answer: recorded when `applied` is of the log's epoch
  };
  struct beat_answer {
    position last;                ///< the log's epoch and its last sequence number
    std::uint64_t replicas = 0;   ///< that have acknowledged all of it (WAIT)
    fleet_constants constants{};  ///< as the fleet was created with
    bool epoch_is_old = false;    ///< some member has known this epoch for so long that its registry is whole
  };
  /// HEARTBEAT, then WAIT for `replicas` within the deadline.
  [[nodiscard]] virtual boost::asio::awaitable<result<beat_answer>> heartbeat(beat mine,
                                                                              std::uint64_t replicas,
                                                                              deadline until) = 0;

  /// How many replicas have everything that this instance has written; waits for `replicas` of them.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::uint64_t>> wait(std::uint64_t replicas,
                                                                           deadline until) = 0;

  /// The messages behind `after` that are retained, oldest first, at most `most`; an unreadable one has the
  /// scope `all`.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::vector<log_message>>> read(std::uint64_t after,
                                                                                      std::size_t most,
                                                                                      deadline until) = 0;

  /// The same, but waits until there is at least one, for at most `wait`; none is an empty list. On a
  /// connection of its own, one call at a time.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::vector<log_message>>> tail(
      std::uint64_t after, std::chrono::milliseconds wait) = 0;

  /// The `tail` under way, if any, ends soon, whatever it waits for: for who wants to go on from another
  /// place.
  virtual void wake_tail() = 0;

  /// The first sequence number that is retained; 0 when the log is empty.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::uint64_t>> first_retained(deadline until) = 0;

  struct member {
    std::string id;
    std::uint64_t applied = 0;  ///< in the log's epoch
    std::uint64_t count = 0;
  };
  struct members {
    position last;
    std::vector<member> all;
  };
  [[nodiscard]] virtual boost::asio::awaitable<result<members>> registered(deadline until) = 0;

  /// Removes a member; with `count`, only while that is still its beat's count.
  [[nodiscard]] virtual boost::asio::awaitable<result<bool>> remove(std::string member,
                                                                    std::optional<std::uint64_t> count,
                                                                    deadline until) = 0;

  /// What is worth a look before this log is relied upon (coherence/server_check.hpp).
  [[nodiscard]] virtual boost::asio::awaitable<result<server_facts>> inspect(deadline until) = 0;

  [[nodiscard]] virtual boost::asio::awaitable<void> stop() = 0;
};

}  // namespace ctxcache
