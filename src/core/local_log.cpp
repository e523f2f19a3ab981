#include "core/local_log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/random.hpp"

namespace ctxcache {
namespace {

// How much later than in truth a load may seem to have begun: its way into Redis and the answer's way back
// each take up to an L2 budget, and PTTL is in whole milliseconds.
constexpr std::chrono::milliseconds age_error_max{250};

std::uint64_t number_at(time_point when) {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::max<std::chrono::microseconds::rep>(since, 1));
}

}  // namespace

local_log::local_log(tiers& shared) : shared_(shared) {
  shared_.table().license(time_point::max());
  shared_.applied().take({}, shared_.table().current(), applied_messages::by::joining);
}

position local_log::start(time_point now) {
  std::uint64_t epoch = 0;
  while (epoch == 0) epoch = random_u64();
  return {epoch, number_at(now)};
}

boost::asio::awaitable<result<invalidation_log::publication>> local_log::publish(invalidation message,
                                                                                 deadline /*never waits*/) {
  const std::lock_guard lock{order_};
  const auto now = shared_.now();
  const auto last = shared_.table().current();
  const auto next = std::max(last.sequence + 1, number_at(now));
  shared_.table().raise(message.what, shared_.hash(), next);
  shared_.table().advance(next);
  const publication done{.at = {last.epoch, next}, .asked_at = now, .answered_at = now};
  const log_message applied{done.at,
                            {.what = std::move(message.what),
                             .reason = std::move(message.reason),
                             .fence = message.fence,
                             .said_at = shared_.wall()}};
  shared_.applied().take({&applied, 1}, done.at, applied_messages::by::tail);
  co_return done;
}

boost::asio::awaitable<result<invalidation_log::fence_report>> local_log::fence(invalidation /*message*/,
                                                                                publication published,
                                                                                deadline /*never waits*/) {
  shared_.count(event::fence_confirmed);
  co_return fence_report{.confirmed = true, .at = published.at};
}

boost::asio::awaitable<result<invalidation_log::fence_report>> local_log::fence_at(position at,
                                                                                   deadline /*never waits*/) {
  const auto here = shared_.table().current();
  if (at.epoch != here.epoch || at.sequence > here.sequence) co_return errc::position_lost;
  co_return fence_report{.confirmed = true, .at = at};
}

boost::asio::awaitable<result<void>> local_log::start(deadline /*never waits*/) {
  co_return result<void>{};
}

std::optional<position> local_log::stamp_of(const entry& from_l2) const noexcept {
  const auto here = shared_.table().current();
  if (from_l2.stamp.epoch == here.epoch) return from_l2.stamp;
  return position{here.epoch, number_at(from_l2.loaded_at - from_l2.load_duration - age_error_max)};
}

}  // namespace ctxcache
