#include "core/applied_messages.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <utility>

#include "base/run_on.hpp"

namespace ctxcache {

namespace asio = boost::asio;

void applied_messages::take(std::span<const log_message> came, const position& reached, by how) {
  const auto now = std::chrono::floor<std::chrono::microseconds>(time_.wall());
  const std::lock_guard lock{mutex_};
  const auto known = reached.epoch == reached_.epoch ? reached_.sequence : 0;
  bool any = false;
  // Of a whole log that was read at joining, no more than will be kept.
  for (const auto& one : came.last(std::min(came.size(), kept_max))) {
    const auto& at = one.at;
    if (at.epoch != reached.epoch || at.sequence <= known || at.sequence > reached.sequence) continue;
    if (kept_.size() == kept_max) kept_.pop_front();
    kept_.push_back(noted(one, now, how));
    any = true;
  }
  reached_ = reached;
  if (!any) return;
  for (const auto& one : waiting_) {
    asio::post(one.home, [pause = one.pause] { pause->cancel(); });
  }
}

applied_message applied_messages::noted(const log_message& one, wall_time now, by how) {
  applied_message made{.message = one, .applied_at = now};
  if (how == by::joining || one.said.said_at == wall_time{}) return made;
  made.lag = std::max(now - one.said.said_at, std::chrono::microseconds::zero());
  lags_.record(*made.lag);
  return made;
}

applied_page applied_messages::read(const std::optional<position>& after, std::size_t most) const {
  const std::lock_guard lock{mutex_};
  return read_locked(after, most);
}

applied_page applied_messages::read_locked(const std::optional<position>& after, std::size_t most) const {
  applied_page found{.next = after.value_or(reached_)};
  const auto newest = kept_.end() - static_cast<std::ptrdiff_t>(std::min(most, kept_.size()));
  const auto first = after ? behind(*after) : newest;
  const auto count = std::min<std::ptrdiff_t>(kept_.end() - first, static_cast<std::ptrdiff_t>(most));
  found.messages.assign(first, first + count);
  if (!found.messages.empty()) found.next = found.messages.back().message.at;
  return found;
}

applied_messages::messages::const_iterator applied_messages::behind(const position& after) const {
  if (after.epoch == reached_.epoch && after.sequence >= reached_.sequence) return kept_.end();
  const auto of_its_epoch = [&](const applied_message& one) { return one.message.at.epoch == after.epoch; };
  const auto last = std::find_if(kept_.rbegin(), kept_.rend(), [&](const applied_message& one) {
    return of_its_epoch(one) && one.message.at.sequence <= after.sequence;
  });
  if (last != kept_.rend()) return last.base();
  const auto first = std::ranges::find_if(kept_, of_its_epoch);
  return first == kept_.end() ? kept_.begin() : first;
}

asio::awaitable<applied_page> applied_messages::read_when(std::optional<position> after, std::size_t most,
                                                          deadline until) {
  const asio::any_io_executor here = co_await asio::this_coro::executor;
  const auto pause = std::make_shared<timer>(here);
  // In line before the look: what comes in between wakes.
  const auto seat = board({here, pause});
  auto found = read(after, most);
  bool woken = true;
  while (found.messages.empty() && woken) {
    pause->expires_after(until.within(time_.now(), std::chrono::hours{1}).remaining(time_.now()));
    const auto [how] = co_await pause->async_wait(quietly);
    woken = how == asio::error::operation_aborted;
    found = read(after, most);
  }
  leave(seat);
  co_return found;
}

std::list<applied_messages::waiter>::iterator applied_messages::board(waiter one) {
  const std::lock_guard lock{mutex_};
  return waiting_.insert(waiting_.end(), std::move(one));
}

void applied_messages::leave(std::list<waiter>::iterator seat) {
  const std::lock_guard lock{mutex_};
  waiting_.erase(seat);
}

}  // namespace ctxcache
