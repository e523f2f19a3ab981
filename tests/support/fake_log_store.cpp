#include "support/fake_log_store.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ctxcache::test {

namespace asio = boost::asio;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t messages_max = 1'024;

}  // namespace

void fake_log::new_epoch() {
  last_ = {};
  messages_.clear();
  members_.clear();
  epoch_is_old_ = false;
}

void fake_log::trim_to(std::uint64_t sequence) {
  std::erase_if(messages_, [&](const log_message& one) { return one.at.sequence <= sequence; });
}

void fake_log::check() {
  if (last_.epoch == 0) last_.epoch = ++epochs_;
}

position fake_log::append(log_record said) {
  check();
  ++last_.sequence;
  messages_.push_back({last_, std::move(said)});
  if (messages_.size() > most_) messages_.erase(messages_.begin());
  wake();
  return last_;
}

void fake_log::wake() {
  for (const auto& one : std::exchange(waiting_, {})) one->cancel();
}

void fake_log_store::fail_with(fault what) {
  fault_ = what;
  log_->wake();
}

void fake_log_store::hold_tail(bool held) {
  held_ = held;
  log_->wake();
}

void fake_log_store::hold_messages(bool held) {
  messages_held_ = held;
  for (const auto& one : std::exchange(held_up_, {})) one->cancel();
}

asio::awaitable<result<position>> fake_log_store::publish(log_record record, deadline until) {
  if (on_publish_) on_publish_();
  if (messages_held_) co_await release();
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  co_return log_->append(std::move(record));
}

asio::awaitable<result<log_store::beat_answer>> fake_log_store::heartbeat(beat mine, std::uint64_t replicas,
                                                                          deadline until) {
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  log_->check();
  const bool same = mine.applied.epoch == log_->last_.epoch;
  log_->members_[mine.member] = {mine.member, same ? mine.applied.sequence : 0, mine.count};
  log_->epoch_is_old_ = log_->epoch_is_old_ || (same && mine.epoch_is_old);
  beat_answer beaten{.last = log_->last_, .constants = log_->constants_, .epoch_is_old = log_->epoch_is_old_};
  if (replicas > 0) beaten.replicas = log_->replicas_;
  co_return beaten;
}

asio::awaitable<result<std::uint64_t>> fake_log_store::wait(std::uint64_t, deadline until) {
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  co_return log_->replicas_;
}

asio::awaitable<result<std::vector<log_message>>> fake_log_store::read(std::uint64_t after, std::size_t most,
                                                                       deadline until) {
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  co_return behind(after, most);
}

asio::awaitable<result<std::vector<log_message>>> fake_log_store::tail(std::uint64_t after,
                                                                       std::chrono::milliseconds wait) {
  const auto end = std::chrono::steady_clock::now() + wait;
  const auto here = co_await asio::this_coro::executor;
  const deadline no_end;
  woken_ = false;
  while (true) {
    const auto ready = co_await answer(no_end);
    if (!ready) co_return ready.error();
    auto found = held_ ? std::vector<log_message>{} : behind(after, messages_max);
    if (!found.empty() || woken_ || std::chrono::steady_clock::now() >= end) co_return found;
    const auto woken = std::make_shared<asio::steady_timer>(here, end);
    log_->waiting_.push_back(woken);
    co_await woken->async_wait(quietly);
  }
}

void fake_log_store::wake_tail() {
  woken_ = true;
  log_->wake();
}

asio::awaitable<result<std::uint64_t>> fake_log_store::first_retained(deadline until) {
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  const auto all = behind(0, 1);
  co_return all.empty() ? 0 : all.front().at.sequence;
}

asio::awaitable<result<log_store::members>> fake_log_store::registered(deadline until) {
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  members found{.last = log_->last_};
  for (const auto& [id, one] : log_->members_) found.all.push_back(one);
  co_return found;
}

asio::awaitable<result<bool>> fake_log_store::remove(std::string id, std::optional<std::uint64_t> count,
                                                     deadline until) {
  const auto ready = co_await answer(until);
  if (!ready) co_return result<bool>{boost::system::in_place_error, ready.error()};
  const auto found = log_->members_.find(id);
  if (found == log_->members_.end() || (count && found->second.count != *count)) co_return false;
  log_->members_.erase(found);
  co_return true;
}

asio::awaitable<result<server_facts>> fake_log_store::inspect(deadline until) {
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  co_return log_->facts_;
}

asio::awaitable<void> fake_log_store::stop() {
  stopped_ = true;
  log_->wake();
  co_return;
}

asio::awaitable<result<void>> fake_log_store::answer(deadline until) {
  ++calls_;
  const auto here = co_await asio::this_coro::executor;
  co_await asio::post(here, asio::use_awaitable);
  if (stopped_ || fault_ == fault::down) co_return errc::l2_unavailable;
  if (until.passed(time_.now()) || fault_ == fault::slow) co_return errc::l2_timeout;
  co_return result<void>{};
}

asio::awaitable<void> fake_log_store::release() {
  const auto here = co_await asio::this_coro::executor;
  const auto released = std::make_shared<asio::steady_timer>(here, std::chrono::hours{1});
  held_up_.push_back(released);
  co_await released->async_wait(quietly);
}

std::vector<log_message> fake_log_store::behind(std::uint64_t after, std::size_t most) const {
  std::vector<log_message> found;
  for (const auto& one : log_->messages_) {
    if (one.at.sequence > after && found.size() < most) found.push_back(one);
  }
  return found;
}

}  // namespace ctxcache::test
