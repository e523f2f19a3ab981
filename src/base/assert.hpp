#pragma once

namespace ctxcache {

/// Prints where and what, then aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace ctxcache

/// A contract at a room's boundary: checked in every build, release too.
#define CTX_ASSERT(condition)                          \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::ctxcache::assertion_failed(#condition, __FILE__, __LINE__))
