#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "base/run_on.hpp"
#include "base/timer.hpp"
#include "world/process.hpp"
#include "world/world.hpp"

namespace ctxcache::sim {

/// A client's call and what it waits for.
template <class T>
struct call {
  explicit call(const boost::asio::any_io_executor& home, boot_clock::duration patience)
      : answered(home, patience) {}
  timer answered;
  std::optional<T> answer;
};

template <class T>
boost::asio::awaitable<void> answer(std::shared_ptr<process> by, std::shared_ptr<call<T>> waiting,
                                    boost::asio::awaitable<T> work) {
  auto value = co_await std::move(work);
  if (by->dead()) co_return;
  waiting->answer.emplace(std::move(value));
  waiting->answered.cancel();
}

/// What a daemon answers to a client within its patience; nothing when it is dead, or the client gave up.
template <class T>
boost::asio::awaitable<std::optional<T>> ask(world& in, std::shared_ptr<process> whom,
                                             boost::asio::awaitable<T> work, boot_clock::duration patience) {
  const auto waiting = std::make_shared<call<T>>(in.loop().get_executor(), patience);
  auto working = answer<T>(whom, waiting, std::move(work));
  if (!whom->spawn(std::move(working))) co_return std::nullopt;
  co_await waiting->answered.async_wait(quietly);
  co_return std::move(waiting->answer);
}

}  // namespace ctxcache::sim
