#include "base/gate.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <string>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "base/timer.hpp"

namespace ctxcache {

namespace asio = boost::asio;

gate::~gate() {
  CTX_ASSERT(running_.load() == 0);
}

bool gate::spawn(const asio::any_io_executor& where, std::string_view name, asio::awaitable<void> work) {
  // Counted first: a close() between the two lines then waits for this one, or this one sees the close.
  running_.fetch_add(1);
  if (closed()) {
    running_.fetch_sub(1);
    return false;
  }
  asio::co_spawn(where, std::move(work), [this, label = std::string{name}](std::exception_ptr failure) {
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& error) {
        log::out().error("{} ended by an exception: {}", label, error.what());
      }
    }
    running_.fetch_sub(1);
  });
  return true;
}

asio::awaitable<void> gate::drain() {
  close();
  timer pause{co_await asio::this_coro::executor};
  // Only at shutdown: a poll is simpler than a list of those who wait, and costs nothing while serving.
  while (running_.load() != 0) {
    pause.expires_after(std::chrono::milliseconds{1});
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace ctxcache
