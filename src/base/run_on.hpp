#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/timer.hpp"

namespace ctxcache {

/// Waits without exceptions: the error code comes back with the value.
inline constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Ends as `work` does; its value is in `to` then, which outlives it.
template <class T>
[[nodiscard]] boost::asio::awaitable<void> keep(boost::asio::awaitable<T> work, std::optional<T>& to) {
  auto got = co_await std::move(work);
  to.emplace(std::move(got));
}

/// Runs a coroutine on another executor and resumes the caller on its own; a plain call when they are the
/// same.
[[nodiscard]] boost::asio::awaitable<void> run_on(boost::asio::any_io_executor where,
                                                  boost::asio::awaitable<void> work);

/// The same, and gives its value. Only the crossing without one is spawned, which is compiled once.
template <class T>
[[nodiscard]] boost::asio::awaitable<T> run_on(boost::asio::any_io_executor where,
                                               boost::asio::awaitable<T> work) {
  const boost::asio::any_io_executor here = co_await boost::asio::this_coro::executor;
  if (here == where) co_return co_await std::move(work);
  std::optional<T> value;
  auto keeping = keep(std::move(work), value);
  auto crossing = run_on(std::move(where), std::move(keeping));
  co_await std::move(crossing);
  co_return std::move(*value);
}

/// Runs coroutines side by side on the caller's executor, which is serial; their values in their order. The
/// first exception, if there is one, is thrown on when all have ended.
template <class T>
[[nodiscard]] boost::asio::awaitable<std::vector<T>> gather(std::vector<boost::asio::awaitable<T>> works) {
  struct progress {
    explicit progress(const boost::asio::any_io_executor& where)
        : last(where, std::chrono::hours{24 * 365}) {}
    std::vector<T> values;
    std::size_t left = 0;
    std::exception_ptr failure;
    timer last;
  };
  const boost::asio::any_io_executor here = co_await boost::asio::this_coro::executor;
  const auto state = std::make_shared<progress>(here);
  state->values.resize(works.size());
  state->left = works.size();
  for (std::size_t i = 0; i < works.size(); ++i) {
    boost::asio::co_spawn(here, std::move(works[i]), [state, i](std::exception_ptr failure, T value) {
      if (failure) state->failure = failure;
      state->values[i] = std::move(value);
      if (--state->left == 0) state->last.cancel();
    });
  }
  if (state->left != 0) co_await state->last.async_wait(quietly);
  // Woken before the last has ended: the caller was cancelled. The works go on and keep `state` alive.
  if (state->left != 0) throw boost::system::system_error{boost::asio::error::operation_aborted};
  if (state->failure) std::rethrow_exception(state->failure);
  co_return std::move(state->values);
}

}  // namespace ctxcache
