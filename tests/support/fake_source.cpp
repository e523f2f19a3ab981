#include "support/fake_source.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace ctxcache::test {

boost::asio::awaitable<result<provided_context>> fake_source::load(key, deadline) {
  ++loads;
  running_max = std::max(running_max, ++running_);
  provided_context found{.body = truth, .partial = partial, .unknown = unknown, .settle = settle};
  const auto failed = failure;
  if (held) {
    const auto here = co_await boost::asio::this_coro::executor;
    const auto pause = std::make_shared<boost::asio::steady_timer>(here, std::chrono::hours{1});
    waiting_.push_back(pause);
    co_await pause->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  if (time_ != nullptr) time_->advance(load_time);
  --running_;
  if (failed) co_return *failed;
  co_return found;
}

void fake_source::release() {
  held = false;
  for (const auto& pause : std::exchange(waiting_, {})) pause->cancel();
}

void fake_source::step() {
  const auto oldest = waiting_.front();
  waiting_.erase(waiting_.begin());
  oldest->cancel();
}

}  // namespace ctxcache::test
