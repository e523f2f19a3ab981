#include "core/load_budget.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/assert.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"

namespace ctxcache {

namespace asio = boost::asio;

// Its timer belongs to the executor of its coroutine, the rest is guarded by the budget's mutex.
struct load_budget::waiter {
  waiter(const asio::any_io_executor& where, boot_clock::duration patience, std::size_t waited_for_by)
      : home(where), turn(where, patience), readers(waited_for_by) {}

  // Posted, so it arrives when the coroutine waits; the timer may have ended by itself before.
  static void wake(const std::shared_ptr<waiter>& one) {
    asio::post(one->home, [one] { one->turn.cancel(); });
  }

  const asio::any_io_executor home;
  timer turn;
  std::size_t readers;
  bool admitted = false;
};

load_budget::ticket load_budget::next_ticket() {
  const std::lock_guard lock{mutex_};
  return ++last_ticket_;
}

asio::awaitable<result<load_budget::slot>> load_budget::enter(ticket mine, std::size_t readers,
                                                              boot_clock::duration patience) {
  if (auto at_once = try_enter()) co_return *std::move(at_once);
  const asio::any_io_executor here = co_await asio::this_coro::executor;
  const auto me = std::make_shared<waiter>(here, patience, readers);
  {
    const std::lock_guard lock{mutex_};
    if (closed_) co_return errc::shutting_down;
    line_.emplace(mine, me);
    order_.insert({readers, mine});
    admit();
    shed();
  }
  co_await me->turn.async_wait(quietly);
  const std::lock_guard lock{mutex_};
  if (me->admitted) co_return slot{*this};
  take_out({me->readers, mine});
  co_return closed_ ? errc::shutting_down : errc::overloaded;
}

std::optional<load_budget::slot> load_budget::try_enter() {
  const std::lock_guard lock{mutex_};
  if (!has_free_slot() || !line_.empty()) return std::nullopt;
  ++running_;
  return std::optional<slot>{std::in_place, *this};
}

void load_budget::readers_wait(ticket place, std::size_t readers) {
  const std::lock_guard lock{mutex_};
  const auto found = line_.find(place);
  if (found == line_.end()) return;
  order_.erase({found->second->readers, place});
  found->second->readers = readers;
  order_.insert({readers, place});
}

void load_budget::leave() {
  const std::lock_guard lock{mutex_};
  CTX_ASSERT(running_ > 0);
  --running_;
  admit();
}

void load_budget::admit() {
  while (has_free_slot() && !order_.empty()) {
    const auto first = *order_.begin();
    const auto one = line_.at(first.place);
    take_out(first);
    one->admitted = true;
    ++running_;
    waiter::wake(one);
  }
}

void load_budget::shed() {
  while (line_.size() > running_max_ * line_per_slot) {
    const auto last = *order_.rbegin();
    const auto one = line_.at(last.place);
    take_out(last);
    waiter::wake(one);
  }
}

void load_budget::take_out(const rank& one) {
  line_.erase(one.place);
  order_.erase(one);
}

void load_budget::resize(std::size_t running_max) {
  const std::lock_guard lock{mutex_};
  running_max_ = running_max;
  admit();
  shed();
}

void load_budget::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  for (const auto& [place, one] : line_) waiter::wake(one);
}

std::size_t load_budget::running() const {
  const std::lock_guard lock{mutex_};
  return running_;
}

std::size_t load_budget::waiting() const {
  const std::lock_guard lock{mutex_};
  return line_.size();
}

}  // namespace ctxcache
