#include "support/run_coroutine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

namespace ctxcache::test {

void run_coroutine(boost::asio::io_context& loop, boost::asio::awaitable<void> work) {
  bool ended = false;
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown) {
    failure = thrown;
    ended = true;
  });
  loop.restart();
  while (!ended) loop.run_one();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ctxcache::test
