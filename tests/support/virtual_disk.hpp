#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>

namespace ctxcache::test::virtual_disk {

/// What becomes of the next call.
enum class fate { done, cut_short, failed };

/// Asked before each call; empty: all is well. Of one thread.
inline std::function<fate()>& fates() {
  static std::function<fate()> asked;
  return asked;
}

inline fate next() {
  return fates() ? fates()() : fate::done;
}

inline int fail() {
  errno = EIO;
  return -1;
}

inline ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t where) {
  switch (next()) {
    case fate::done:
      break;
    case fate::cut_short:
      size = (size + 1) / 2;
      break;
    case fate::failed:
      return fail();
  }
  return ::pwrite(file, bytes, size, where);
}

/// What was written may be there all the same.
inline int fdatasync(int file) {
  return next() == fate::failed ? fail() : ::fdatasync(file);
}

inline int ftruncate(int file, off_t size) {
  return next() == fate::failed ? fail() : ::ftruncate(file, size);
}

}  // namespace ctxcache::test::virtual_disk
