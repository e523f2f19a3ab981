#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace ctxcache::test {

/// Runs the loop until the coroutine has ended, and gives its value. What else the loop has to do goes on
/// later.
template <class T>
T run_coroutine(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
  std::optional<T> value;
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, T got) {
    failure = thrown;
    value.emplace(std::move(got));
  });
  loop.restart();
  while (!value) loop.run_one();
  if (failure) std::rethrow_exception(failure);
  return std::move(*value);
}

inline void run_coroutine(boost::asio::io_context& loop, boost::asio::awaitable<void> work) {
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
