#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/deadline.hpp"
#include "ctxcache/error.hpp"

namespace ctxcache {

/// The right to do something that one process of the fleet does at a time.
struct lease {
  std::string name;    ///< of what is done, e.g. "schedule/nightly"
  std::string holder;  ///< of who does it: fresh for each start of a process
};

/// Small facts that the processes of a fleet share: who does what, how far it is, what was learnt. Redis may
/// lose them at any time, or go back to older ones: that may cost work, and never makes a stale read.
///
/// One instance belongs to one executor: call it only from there. No call outlives its deadline; none throws.
/// Expected failures: l2_unavailable, l2_timeout, l2_failed. Names and holders are 1 to 256 bytes, terms and
/// lives positive and at most 10 years (else errc::invalid_request); a value has at most 1 MiB
/// (errc::too_large).
/// Implementations: in Redis; in one process. One conformance suite runs over both.
class shared_store {
 public:
  virtual ~shared_store() = default;

  /// Takes a lease, or holds it longer: whether it is the holder's until `term` from now, by the store's
  /// clock.
  [[nodiscard]] virtual boost::asio::awaitable<result<bool>> hold(lease wanted,
                                                                  std::chrono::milliseconds term,
                                                                  deadline until) = 0;
  /// Gives a lease back; nothing happens when somebody else has it by now.
  [[nodiscard]] virtual boost::asio::awaitable<result<void>> release(lease held, deadline until) = 0;

  struct fact {
    std::string name;
    std::string value;
    std::chrono::milliseconds life;  ///< positive
  };
  [[nodiscard]] virtual boost::asio::awaitable<result<std::optional<std::string>>> get(std::string name,
                                                                                       deadline until) = 0;
  /// Overwrites. With `under`, only while that holder has that lease: false when it has lost it.
  [[nodiscard]] virtual boost::asio::awaitable<result<bool>> put(fact what, std::optional<lease> under,
                                                                 deadline until) = 0;
  [[nodiscard]] virtual boost::asio::awaitable<result<void>> remove(std::string name, deadline until) = 0;

  /// Puts a value at the end of a list, of which the last `most` stay: 1 to 10,000. A list that nothing is
  /// appended to lives for 30 days.
  [[nodiscard]] virtual boost::asio::awaitable<result<void>> append(std::string list, std::string value,
                                                                    std::size_t most, deadline until) = 0;
  /// The last `most` of a list, oldest first, but no more of them than 16 MiB hold; empty when there is no
  /// such list.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::vector<std::string>>> list(std::string list,
                                                                                      std::size_t most,
                                                                                      deadline until) = 0;
  /// Takes one value out of a list, the oldest of equal ones: whether it was there.
  [[nodiscard]] virtual boost::asio::awaitable<result<bool>> take(std::string list, std::string value,
                                                                  deadline until) = 0;
  /// Takes a value out of a list as `take` does, and appends another in the same step: whether it was there.
  [[nodiscard]] virtual boost::asio::awaitable<result<bool>> replace(std::string list, std::string value,
                                                                     std::string by, deadline until) = 0;

  /// Marks places of a set, each below 2^24 (else errc::invalid_request). The whole set lives that long from
  /// now.
  [[nodiscard]] virtual boost::asio::awaitable<result<void>> mark(std::string set,
                                                                  std::vector<std::uint32_t> places,
                                                                  std::chrono::milliseconds life,
                                                                  deadline until) = 0;
  /// How many places of a set are marked.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::size_t>> marked(std::string set,
                                                                           deadline until) = 0;

  /// Closes connections. Call it once, before destruction.
  [[nodiscard]] virtual boost::asio::awaitable<void> stop() = 0;
};

/// For a process without Redis: all facts are its own. `time` outlives it.
[[nodiscard]] std::unique_ptr<shared_store> make_local_shared_store(const clock& time = machine_clock());

}  // namespace ctxcache
