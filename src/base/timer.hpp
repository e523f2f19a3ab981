#pragma once

#ifdef CTX_VIRTUAL_TIME
#include "support/virtual_time.hpp"
#else
#include <boost/asio/steady_timer.hpp>
#endif

namespace ctxcache {

/// What waits. The simulator (tests/sim) compiles the same sources with a clock of its own.
#ifdef CTX_VIRTUAL_TIME
using timer = test::virtual_timer;
#else
using timer = boost::asio::steady_timer;
#endif

}  // namespace ctxcache
