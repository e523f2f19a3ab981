#pragma once

#ifdef CTX_VIRTUAL_TIME
#include "support/virtual_disk.hpp"
#else
#include <unistd.h>
#endif

namespace ctxcache {

/// What writes to a file. The simulator (tests/sim) compiles the same sources with a disk that fails.
#ifdef CTX_VIRTUAL_TIME
namespace disk = test::virtual_disk;
#else
namespace disk {
using ::fdatasync;
using ::ftruncate;
using ::pwrite;
}  // namespace disk
#endif

}  // namespace ctxcache
