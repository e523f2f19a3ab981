#include "changes/merger.hpp"

#include <algorithm>

#include "base/run_on.hpp"

namespace ctxcache::changes {

namespace asio = boost::asio;

asio::awaitable<merger::merged> merger::invalidate(invalidation message, deadline until) {
  const bool merging = window_.count() > 0;
  const place where{message.what.kind(), message.what.text()};
  auto one = merging ? open_[where] : nullptr;
  merged out{.joined = one != nullptr};
  if (out.joined) {
    one->until.at = std::max(one->until.at, until.at);
  } else {
    one = std::make_shared<pending>(pending{.message = std::move(message), .until = until});
    if (merging) open_[where] = one;
    if (!background_.spawn(home_, "invalidation by events", publish(one))) {
      open_.erase(where);
      out.done = errc::shutting_down;
      co_return out;
    }
  }
  out.done = co_await end_of(std::move(one), until);
  co_return out;
}

asio::awaitable<void> merger::publish(std::shared_ptr<pending> one) {
  if (window_.count() > 0) {
    timer pause{home_};
    pause.expires_after(window_);
    co_await pause.async_wait(quietly);
    const place where{one->message.what.kind(), one->message.what.text()};
    open_.erase(where);
  }
  auto message = one->message;
  const auto until = one->until;
  one->done = co_await cache_.invalidate(std::move(message), until);
  for (const auto& pause : one->waiting) pause->cancel();
}

asio::awaitable<result<receipt>> merger::end_of(std::shared_ptr<pending> one, deadline until) {
  if (!one->done) {
    const auto pause = std::make_shared<timer>(home_);
    one->waiting.push_back(pause);
    pause->expires_after(until.within(time_.now(), std::chrono::hours{1}).remaining(time_.now()));
    co_await pause->async_wait(quietly);
  }
  if (!one->done) co_return errc::deadline_exceeded;
  co_return *one->done;
}

}  // namespace ctxcache::changes
