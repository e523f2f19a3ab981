#include "base/run_on.hpp"

namespace ctxcache {

namespace asio = boost::asio;

asio::awaitable<void> run_on(asio::any_io_executor where, asio::awaitable<void> work) {
  const asio::any_io_executor here = co_await asio::this_coro::executor;
  if (here == where) co_return co_await std::move(work);
  auto crossing = asio::co_spawn(where, std::move(work), asio::use_awaitable);
  co_await std::move(crossing);
}

}  // namespace ctxcache
