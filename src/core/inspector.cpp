#include "core/inspector.hpp"

#include <cmath>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

struct counted_in {
  explicit counted_in(std::atomic<std::size_t>& all) : total(all), number(all.fetch_add(1) + 1) {}
  ~counted_in() { total.fetch_sub(1); }
  counted_in(const counted_in&) = delete;
  counted_in& operator=(const counted_in&) = delete;
  std::atomic<std::size_t>& total;
  const std::size_t number;
};

}  // namespace

void inspector::set(double fraction) noexcept {
  const auto scaled = std::ldexp(fraction, 64);
  const bool all = scaled >= std::ldexp(1.0, 64);
  chance_.store(all ? every_hit : static_cast<std::uint64_t>(scaled), std::memory_order_relaxed);
}

// SplitMix64 (Steele, Lea, Flood 2014), a sequence for each thread: which reads are chosen is no secret.
std::uint64_t inspector::drawn() noexcept {
  thread_local std::uint64_t state = random_u64();
  state += 0x9E3779B97F4A7C15U;
  auto mixed = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31U);
}

void inspector::inspect(lane_state& home, const key_view& wanted, const lookup& answer, beginning began) {
  if (answer.from != origin::l1 && answer.from != origin::l2) return;
  auto one = key::parse(wanted.text());
  if (!one || running_.load(std::memory_order_relaxed) >= at_a_time) return;
  const bool forbidden = was_forbidden(wanted, *answer.value, began);
  served hit{.wanted = *std::move(one), .value = answer.value, .began = began.at, .was_forbidden = forbidden};
  // Refused at the end of the process only.
  static_cast<void>(background_.spawn(home.executor, "inspection", inspection(home, std::move(hit))));
}

asio::awaitable<void> inspector::inspection(lane_state& home, served hit) {
  const counted_in place{running_};
  if (place.number > at_a_time) co_return;
  const auto truth = co_await loads_.truth(home, hit.wanted);
  if (!truth && truth.error() == errc::overloaded) co_return;
  shared_.count(judge(hit, truth));
}

event inspector::judge(const served& hit, const result<lookup>& truth) const {
  if (!truth) return event::inspected_inconclusive;
  const auto& now = *truth->value;
  if (!now.unknown && source_.same(hit.value->body, now.body)) return event::inspected_match;
  if (hit.was_forbidden) {
    log::out().error("inspected: {} was served a value that was forbidden before, stamped {}, at {}",
                     log::id(hit.wanted.text()), to_string(hit.value->stamp), to_string(hit.began));
    return event::inspected_violation;
  }
  const bool whole = !hit.value->partial && !now.partial;
  const bool still_valid =
      shared_.table().serves(shared_.hashed(hit.wanted), *hit.value, shared_.now(), true);
  return whole && still_valid ? event::inspected_unannounced : event::inspected_inconclusive;
}

// By what had been applied when the read began: later messages may have come between it and its look. And by
// messages alone: for want of room, or joined anew, the table forbids more than they say, as one of `all`.
bool inspector::was_forbidden(const key_view& wanted, const entry& value, const beginning& began) const {
  const auto& stamp = value.stamp;
  const auto& before = began.at;
  if (began.when >= value.expires_at) return true;
  if (before.epoch != shared_.table().current().epoch) return false;
  if (stamp.epoch != before.epoch) return true;
  const auto where = shared_.hashed(wanted);
  if (shared_.table().newest(where) > before.sequence) return false;
  switch (shared_.table().objection(where, stamp)) {
    case rejection::customer:
    case rejection::agent_type:
    case rejection::key:
    case rejection::pattern:
      return true;
    default:
      return false;
  }
}

}  // namespace ctxcache
