#include "interruption.hpp"

#include <ctime>

namespace ctxcache::client {

interruption::interruption() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals_, &before_);
}

interruption::~interruption() {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool interruption::wait(std::chrono::milliseconds longest) const {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const std::chrono::nanoseconds rest = longest - whole;
  const timespec time{whole.count(), rest.count()};
  return sigtimedwait(&signals_, nullptr, &time) > 0;
}

}  // namespace ctxcache::client
