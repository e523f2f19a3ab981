#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/deadline.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache {

/// The shared tier. One instance belongs to one executor: call it only from there.
/// No call outlives its deadline; none throws. Expected failures: l2_unavailable, l2_timeout, l2_failed.
/// Implementations: redis::redis_l2, null_l2; one conformance suite runs over all of them and over the fake.
class l2_cache {
 public:
  /// Null is a miss. The caller alone owns what it gets and may restamp it before sharing.
  using hit = std::shared_ptr<entry>;

  virtual ~l2_cache() = default;

  /// A value that cannot be decoded, or that belongs to another key, is errc::corrupt_value.
  [[nodiscard]] virtual boost::asio::awaitable<result<hit>> get(key wanted, deadline until) = 0;

  /// One round trip; the answers stand in the order of the keys.
  [[nodiscard]] virtual boost::asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted,
                                                                                  deadline until) = 0;

  /// Stores until `value->expires_at`, unless what is there has a higher stamp of the same epoch (rule 6).
  /// False when it was not stored for that reason.
  [[nodiscard]] virtual boost::asio::awaitable<result<bool>> put(key where, entry_ptr value,
                                                                 deadline until) = 0;

  /// How many of the keys there were.
  /// Removes the keys whose value an invalidation at `before` forbids: all but those stamped in the same
  /// epoch at `before` or later (which were loaded after it). How many were removed. One script, compared as
  /// `put` compares.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::size_t>> unlink(std::vector<key> gone,
                                                                           position before,
                                                                           deadline until) = 0;

  struct page {
    std::vector<key> keys;     ///< only well-formed ones
    std::uint64_t cursor = 0;  ///< 0 after the last page
  };
  /// One page of the keys that match a glob, as SCAN gives them: some may come twice. Never KEYS.
  [[nodiscard]] virtual boost::asio::awaitable<result<page>> scan(std::string glob, std::uint64_t cursor,
                                                                  deadline until) = 0;

  struct health {
    enum class state { disabled, up, down } now = state::disabled;
    std::string detail;  ///< where it is, without secrets, and the last error
  };
  /// The one function that every thread may call.
  [[nodiscard]] virtual health report() const = 0;

  /// Closes connections; calls under way end with l2_unavailable. Call it once, before destruction.
  [[nodiscard]] virtual boost::asio::awaitable<void> stop() = 0;
};

/// No shared tier (`enable_l2_cache = false`): every read a miss, every write done.
[[nodiscard]] std::unique_ptr<l2_cache> make_null_l2();

}  // namespace ctxcache
