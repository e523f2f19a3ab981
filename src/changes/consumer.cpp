#include "changes/consumer.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "base/gate.hpp"
#include "base/log.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"

namespace ctxcache::changes {

namespace asio = boost::asio;

namespace {

constexpr std::size_t at_a_time = 64;
constexpr std::chrono::seconds patience{5};  // with one change, one confirmation
constexpr std::chrono::hours until_called{1};

}  // namespace

// Everything runs on the home executor, but for `report`.
struct consumer::impl {
  impl(intake& into, consumer_parts with)
      : into_(into), with_(std::move(with)), renewal_(with_.home), pause_(with_.home) {
    status_.name = with_.name;
    status_.source = with_.source->name();
  }

  [[nodiscard]] asio::awaitable<void> hold_lease();
  [[nodiscard]] asio::awaitable<void> consume();
  [[nodiscard]] asio::awaitable<bool> consume_batch();
  /// False when the lease has been lost before all had been applied.
  [[nodiscard]] asio::awaitable<bool> apply_all(std::vector<change> left);
  /// Those that failed, or were not begun.
  [[nodiscard]] asio::awaitable<std::vector<change>> apply_each(std::vector<change> some);
  [[nodiscard]] asio::awaitable<error_code> apply(change one);
  [[nodiscard]] asio::awaitable<void> back_off();
  [[nodiscard]] asio::awaitable<void> wait(boot_clock::duration how_long);
  [[nodiscard]] asio::awaitable<void> stop();

  [[nodiscard]] lease right() const { return {"source/" + with_.name, with_.holder}; }
  [[nodiscard]] bool holding() const { return !background_.closed() && with_.time->now() < held_until_; }
  [[nodiscard]] deadline soon() const { return deadline::after(with_.time->now(), patience); }
  void take_lease(time_point until);
  void count_applied(std::size_t changes);
  void set_error(std::optional<error_code> now);

  intake& into_;
  consumer_parts with_;
  timer renewal_;
  timer pause_;
  time_point held_until_ = time_point::min();
  std::chrono::milliseconds next_backoff_{0};
  gate background_;

  mutable std::mutex mutex_;
  consumer::status status_;  // Guarded by mutex_.
};

// The term counts from before the question: it ends here before it ends in the store.
asio::awaitable<void> consumer::impl::hold_lease() {
  while (!background_.closed()) {
    const auto asked = with_.time->now();
    auto wanted = right();
    const auto until = deadline::after(asked, with_.times.renewal);
    const auto held = co_await with_.shared->hold(std::move(wanted), with_.times.term, until);
    const auto lost = time_point::min();
    take_lease(!held ? held_until_ : *held ? asked + with_.times.term : lost);
    renewal_.expires_after(with_.times.renewal);
    if (!background_.closed()) co_await renewal_.async_wait(quietly);
  }
}

void consumer::impl::take_lease(time_point until) {
  const bool held_before = holding();
  held_until_ = until;
  if (holding() && !held_before) pause_.cancel();
  const std::lock_guard lock{mutex_};
  if (std::exchange(status_.holding, holding()) == holding()) return;
  log::out().info("source {}: {}", with_.name, holding() ? "consumed here" : "not consumed here any longer");
}

asio::awaitable<void> consumer::impl::consume() {
  while (!background_.closed()) {
    if (!holding()) {
      co_await wait(until_called);
      continue;
    }
    const bool well = co_await consume_batch();
    if (well) {
      next_backoff_ = with_.times.backoff;
    } else {
      co_await back_off();
    }
  }
}

asio::awaitable<bool> consumer::impl::consume_batch() {
  const deadline lease_end{held_until_};
  auto found = co_await with_.source->next(lease_end);
  if (!found) set_error(found.error());
  if (!found) co_return false;
  const auto count = found->changes.size();
  if (count != 0) {
    const bool applied = co_await apply_all(std::move(found->changes));
    if (!applied) co_return true;
    const auto until = soon();
    const auto confirmed = co_await with_.source->confirm(std::move(found->upto), until);
    if (!confirmed) set_error(confirmed.error());
    if (!confirmed) co_return false;
    count_applied(count);
  }
  set_error(std::nullopt);
  co_return true;
}

asio::awaitable<bool> consumer::impl::apply_all(std::vector<change> left) {
  while (holding()) {
    left = co_await apply_each(std::move(left));
    if (left.empty()) co_return true;
    co_await back_off();
  }
  co_return false;
}

asio::awaitable<std::vector<change>> consumer::impl::apply_each(std::vector<change> some) {
  std::vector<change> left;
  for (std::size_t begin = 0; begin < some.size(); begin += at_a_time) {
    const auto end = std::min(begin + at_a_time, some.size());
    std::vector<asio::awaitable<error_code>> works;
    for (auto i = begin; holding() && i < end; ++i) works.push_back(apply(some[i]));
    const auto begun = works.size();
    const auto errors = co_await gather(std::move(works));
    for (auto i = begin; i < end; ++i) {
      if (i - begin >= begun || errors[i - begin]) left.push_back(std::move(some[i]));
    }
  }
  co_return left;
}

asio::awaitable<error_code> consumer::impl::apply(change one) {
  const auto until = soon();
  const auto done = co_await into_.take(std::move(one), until);
  if (done.what != outcome::verdict::failed) co_return error_code{};
  set_error(done.error);
  co_return done.error;
}

asio::awaitable<void> consumer::impl::back_off() {
  const auto how_long = std::max(next_backoff_, with_.times.backoff);
  next_backoff_ = std::min(how_long * 2, with_.times.backoff_max);
  co_await wait(how_long);
}

asio::awaitable<void> consumer::impl::wait(boot_clock::duration how_long) {
  if (background_.closed()) co_return;
  pause_.expires_after(how_long);
  co_await pause_.async_wait(quietly);
}

void consumer::impl::count_applied(std::size_t changes) {
  const std::lock_guard lock{mutex_};
  status_.applied += changes;
}

void consumer::impl::set_error(std::optional<error_code> now) {
  if (background_.closed()) return;
  const std::lock_guard lock{mutex_};
  if (status_.error == now) return;
  if (now) {
    log::out().warn("source {} ({}): {}; tried again", with_.name, status_.source, now->message());
  } else {
    log::out().info("source {} ({}): goes on", with_.name, status_.source);
  }
  status_.error = now;
  status_.error_since = with_.time->wall();
}

asio::awaitable<void> consumer::impl::stop() {
  background_.close();
  renewal_.cancel();
  pause_.cancel();
  co_await with_.source->stop();
  co_await background_.drain();
  if (held_until_ == time_point::min()) co_return;
  auto held = right();
  const auto until = deadline::after(with_.time->now(), with_.times.renewal);
  // Not given back, it ends by itself.
  static_cast<void>(co_await with_.shared->release(std::move(held), until));
}

consumer::consumer(intake& into, consumer_parts with)
    : impl_(std::make_shared<impl>(into, std::move(with))) {}

consumer::~consumer() = default;

void consumer::begin() {
  static_cast<void>(impl_->background_.spawn(impl_->with_.home, "lease of a source", impl_->hold_lease()));
  static_cast<void>(impl_->background_.spawn(impl_->with_.home, "source of changes", impl_->consume()));
}

asio::awaitable<void> consumer::stop() {
  auto work = impl_->stop();
  co_await run_on(impl_->with_.home, std::move(work));
}

consumer::status consumer::report() const {
  const std::lock_guard lock{impl_->mutex_};
  return impl_->status_;
}

}  // namespace ctxcache::changes
