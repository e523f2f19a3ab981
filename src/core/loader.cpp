#include "core/loader.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/mutant.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

// A reader joins a load that was under way, finds it overtaken, and leads or joins a later one, which suits
// it; only readers with wishes of their own (no-cache, max-age) can come away empty again.
constexpr int rounds_max = 3;

struct counted_in {
  explicit counted_in(std::atomic<std::size_t>& all) : total(all), number(all.fetch_add(1) + 1) {}
  ~counted_in() { total.fetch_sub(1); }
  counted_in(const counted_in&) = delete;
  counted_in& operator=(const counted_in&) = delete;
  std::atomic<std::size_t>& total;
  const std::size_t number;
};

entry_ptr make_entry(provided_context provided, position stamp, time_point began, time_point ended,
                     const cache_settings& how) {
  auto made = std::make_shared<entry>();
  made->etag = etag_of(provided.body);
  made->body = std::move(provided.body);
  made->stamp = stamp;
  made->loaded_at = ended;
  made->load_duration = ended - began;
  made->expires_at =
      ended + (provided.partial ? std::min(how.partial_ttl, how.l2_cache_ttl) : how.l2_cache_ttl);
  made->partial = provided.partial;
  made->unknown = provided.unknown;
  made->own = true;
  return made;
}

}  // namespace

asio::awaitable<result<lookup>> loader::read(lane_state& lane, key wanted, read_options options,
                                             bool l2_missed) {
  const plan how{.ask_l2 = !options.no_cache && !l2_missed, .keep = !options.no_store, .wishes = options};
  if (!options.no_cache && !options.no_store && !lane.flights.contains(wanted)) {
    // On its way here from another lane, a reader may have been overtaken by the load that it misses.
    if (auto found = shared_.find(shared_.hashed(wanted), options, shared_.now(), true)) {
      shared_.count(event::coalesced);
      found->collapsed = true;
      co_return *std::move(found);
    }
  }
  for (int round = 0; round < rounds_max && !options.no_store; ++round) {
    const auto [on, leads] = lane.flights.join(wanted);
    if (leads && !background_.spawn(lane.executor, "load", fly(lane, wanted, how))) {
      lane.flights.land(wanted, {.answer = errc::shutting_down});
    }
    const bool landed = co_await landed_by(on, options.until);
    if (!landed) co_return stale_or(errc::deadline_exceeded, wanted, options);
    // From the second round on, every load began after the first one landed, so after this reader came.
    if (!may_have(wanted, on->outcome(), options, leads || round > 0)) continue;
    if (on->outcome().l2_missed && !l2_missed) shared_.count(event::l2_miss);
    co_return settle(wanted, on->outcome().answer, options, !leads);
  }
  const plan alone{.ask_l2 = false, .keep = false};
  const auto outcome = co_await load(lane, wanted, alone);
  co_return settle(wanted, outcome.answer, options, false);
}

// Without a licence nobody knows what has been invalidated, so what others stored says nothing (rule 5).
bool loader::may_use_l2(bool strict) const {
  return shared_.settings()->enable_l2_cache && shared_.table().licensed(shared_.now(), strict);
}

bool loader::may_have(const key& wanted, const flight::landing& outcome, const read_options& options,
                      bool began_after) const {
  if (!outcome.answer) return began_after || !options.no_cache;
  const auto& got = *outcome.answer;
  if (options.no_cache && (got.from != origin::provider || !began_after)) return false;
  // What was asked for after the reader came is as young as it gets.
  if ((began_after || CTX_MUTANT(join_stale)) && got.from == origin::provider) return true;
  return shared_.serves(shared_.hashed(wanted), *got.value, options, shared_.now(), rejecting_tier::flight);
}

result<lookup> loader::settle(const key& wanted, const result<lookup>& outcome, const read_options& options,
                              bool collapsed) {
  if (collapsed) shared_.count(event::coalesced);
  if (!outcome) return stale_or(outcome.error(), wanted, options);
  auto answer = *outcome;
  if (answer.value->unknown) return errc::customer_unknown;
  if (answer.from == origin::l2) shared_.count(event::l2_hit);
  answer.collapsed = collapsed;
  return answer;
}

result<lookup> loader::stale_or(error_code error, const key& wanted, const read_options& options) {
  if (!options.no_cache && !options.no_store) {
    if (auto found = shared_.stale(shared_.hashed(wanted), options, shared_.now())) {
      shared_.count(event::stale_served);
      return *std::move(found);
    }
  }
  return error;
}

asio::awaitable<bool> loader::landed_by(std::shared_ptr<flight::flight> on, deadline until) {
  if (on->landed()) co_return true;
  const auto wait = std::min<boot_clock::duration>(until.remaining(shared_.now()), std::chrono::hours{1});
  timer seat_time{co_await asio::this_coro::executor, wait};
  const auto seat = on->board([&seat_time] { seat_time.cancel(); });
  co_await seat_time.async_wait(quietly);
  if (on->landed()) co_return true;
  on->leave(seat);
  co_return false;
}

asio::awaitable<void> loader::fly(lane_state& lane, key wanted, plan how) {
  flight::landing outcome;
  try {
    outcome = co_await load(lane, wanted, how);
  } catch (const std::exception& error) {
    // A source of an embedder may throw although it should not; those who wait must hear of it all the same.
    log::out().error("a load ended by an exception: {}", error.what());
  }
  lane.flights.land(wanted, std::move(outcome));
}

asio::awaitable<flight::landing> loader::load(lane_state& lane, key wanted, plan how) {
  // Before anything is asked: whatever is invalidated from here on is newer than what this load brings (rule
  // 6).
  const auto stamp = shared_.table().current();
  const auto settings = shared_.settings();
  boot_clock::duration l2_budget = settings->l2_budget;
  const bool ask_l2 = how.ask_l2 && may_use_l2(how.wishes.strict);
  if (ask_l2) {
    const auto asked = shared_.now();
    const auto got = co_await lane.l2->get(wanted, deadline::after(asked, l2_budget));
    if (auto found = promote(wanted, got, how.wishes)) co_return flight::landing{.answer = *std::move(found)};
    // One budget for the whole load: a Redis that did not answer is not waited for a second time.
    const bool answered = got || got.error() == errc::corrupt_value;
    l2_budget = answered ? l2_budget - (shared_.now() - asked) : boot_clock::duration::zero();
  }
  auto answer = co_await load_from_source(lane, wanted, how, stamp, l2_budget);
  if (answer) answer->l2_asked = ask_l2;
  co_return flight::landing{.answer = std::move(answer), .l2_missed = ask_l2};
}

asio::awaitable<result<lookup>> loader::load_from_source(lane_state& lane, key wanted, plan how,
                                                         position stamp, boot_clock::duration l2_budget) {
  const auto settings = shared_.settings();
  const counted_in place{running_};
  if (place.number > settings->max_concurrent_loads) co_return errc::overloaded;
  shared_.count(event::load);
  const auto began = shared_.now();
  auto provided = co_await source_.load(wanted, deadline::after(began, settings->load_timeout));
  if (!provided) {
    shared_.count(event::load_error);
    co_return provided.error();
  }
  const auto ended = shared_.now();
  const auto made = make_entry(std::move(*provided), stamp, began, ended, *settings);
  lookup answer{.value = made, .from = origin::provider};
  const auto where = shared_.hashed(wanted);
  // The timeout may have been overslept with the whole process.
  if (ended - began > kept_max_) how.keep = false;
  if (made->unknown) {
    if (how.keep) shared_.keep_unknown(where, made, ended);
  } else if (how.keep) {
    answer.stored = shared_.keep(where, made, ended);
    if (may_use_l2(false) && l2_budget > l2_budget.zero() && shared_.table().holds(where, stamp)) {
      const auto stored = co_await lane.l2->put(wanted, made, deadline::after(ended, l2_budget));
      if (!stored) shared_.count(event::l2_error);
      answer.stored = answer.stored || (stored && *stored);
    }
  }
  co_return answer;
}

std::optional<lookup> loader::promote(const key& wanted, const result<l2_cache::hit>& got,
                                      const read_options& options) {
  if (!got) {
    shared_.count(event::l2_error);
    if (got.error() == errc::corrupt_value) shared_.count(event::l2_corrupt);
    return std::nullopt;
  }
  if (!*got) return std::nullopt;
  const auto& value = *got;
  const auto where = shared_.hashed(wanted);
  const auto now = shared_.now();
  const auto stamp = log_.stamp_of(*value);
  if (stamp) value->stamp = *stamp;
  if (!stamp || !shared_.serves(where, *value, options, now, rejecting_tier::l2)) return std::nullopt;
  const bool stored = shared_.keep(where, value, now);
  return lookup{.value = value,
                .from = origin::l2,
                .ttl = std::chrono::floor<std::chrono::seconds>(value->expires_at - now),
                .stored = stored,
                .l2_asked = true};
}

asio::awaitable<std::optional<lookup>> loader::read_l2(lane_state& lane, key wanted, read_options options) {
  if (!may_use_l2(options.strict)) co_return std::nullopt;
  const auto until = options.until.within(shared_.now(), shared_.settings()->l2_budget);
  const auto got = co_await lane.l2->get(wanted, until);
  auto found = promote(wanted, got, options);
  shared_.count(found ? event::l2_hit : event::l2_miss);
  co_return found;
}

asio::awaitable<std::vector<std::optional<lookup>>> loader::read_l2_many(lane_state& lane,
                                                                         std::vector<key> wanted,
                                                                         read_options options) {
  std::vector<std::optional<lookup>> found(wanted.size());
  if (!may_use_l2(options.strict) || wanted.empty()) co_return found;
  const auto until = options.until.within(shared_.now(), shared_.settings()->l2_budget);
  const auto got = co_await lane.l2->get_many(wanted, until);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    found[i] = promote(wanted[i], got[i], options);
    shared_.count(found[i] ? event::l2_hit : event::l2_miss);
  }
  co_return found;
}

}  // namespace ctxcache
