#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "ctxcache/deadline.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"
#include "ctxcache/position.hpp"

namespace ctxcache {

/// One message of the log.
struct invalidation {
  scope what;
  std::string reason{};  ///< why, as the caller said; kept for those who ask later
};

/// The ordered log of invalidations that all processes of a fleet apply. Safe to call from every thread.
class invalidation_log {
 public:
  virtual ~invalidation_log() = default;

  /// Appends and applies here. When it returns, no read that begins in this process is answered with what was
  /// loaded before. The position names this message and no other.
  [[nodiscard]] virtual boost::asio::awaitable<result<position>> publish(invalidation message,
                                                                         deadline until) = 0;

  /// Under which stamp a value read from L2 is judged here; nullopt: under none, it is a miss.
  [[nodiscard]] virtual std::optional<position> stamp_of(const entry& from_l2) const noexcept = 0;
};

}  // namespace ctxcache
