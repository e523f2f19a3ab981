#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <utility>

#include "http/query.hpp"
#include "http/service.hpp"

namespace ctxcache::http {

/// How much of a list that grows is wanted, and how long to wait for it.
struct paging {
  std::size_t limit = 100;
  std::chrono::seconds wait{0};
};
/// `limit` and `wait` of a query; to wait needs `after`.
[[nodiscard]] parsed<paging> read_paging(const query& asked);

/// Calls `look(deadline)`, a coroutine that waits until then for something to come, until `found` says that
/// it has, at most for `wait`. Nobody who waits holds up a drain: each looks up twice a second.
template <class Look, class Found>
[[nodiscard]] auto long_poll(const service& on, std::chrono::seconds wait, deadline until, Look look,
                             Found found) -> decltype(look(until)) {
  constexpr boot_clock::duration look_up_every = std::chrono::milliseconds{500};
  const auto& time = *on.parts.time;
  auto left = std::min<boot_clock::duration>(wait, until.remaining(time.now()));
  while (true) {
    const auto pause = on.draining.load() ? left.zero() : std::min(left, look_up_every);
    auto looking = look(deadline::after(time.now(), pause));
    auto page = co_await std::move(looking);
    left -= pause;
    if (found(page) || left <= left.zero() || on.draining.load()) co_return page;
  }
}

}  // namespace ctxcache::http
