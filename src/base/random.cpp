#include "base/random.hpp"

#ifdef CTX_VIRTUAL_TIME
#include "support/virtual_time.hpp"
#else
#include <unistd.h>

#include <cerrno>
#include <system_error>
#endif

namespace ctxcache {

std::uint64_t random_u64() {
#ifdef CTX_VIRTUAL_TIME
  return test::virtual_time::now_running().random_u64();
#else
  std::uint64_t bits = 0;
  if (::getentropy(&bits, sizeof(bits)) != 0) {
    throw std::system_error{errno, std::generic_category(), "getentropy"};
  }
  return bits;
#endif
}

}  // namespace ctxcache
