#pragma once

#include <signal.h>

#include <chrono>

namespace ctxcache::client {

/// Ctrl-C and SIGTERM, which as long as it lives are taken in `wait` only: between requests, with the screen
/// in order.
class interruption {
 public:
  interruption();
  ~interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  /// Waits so long, or less and true when the user has had enough.
  [[nodiscard]] bool wait(std::chrono::milliseconds longest) const;

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace ctxcache::client
