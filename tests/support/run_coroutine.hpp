#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "base/run_on.hpp"

namespace ctxcache::test {

/// Runs the loop until the coroutine has ended; throws what it threw. What else the loop has to do goes on
/// later.
void run_coroutine(boost::asio::io_context& loop, boost::asio::awaitable<void> work);

/// The same, and gives its value.
template <class T>
T run_coroutine(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
  std::optional<T> value;
  auto keeping = keep(std::move(work), value);
  run_coroutine(loop, std::move(keeping));
  return std::move(*value);
}

}  // namespace ctxcache::test
