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

constexpr std::chrono::hours longest_wait{1};

}  // namespace

std::shared_ptr<entry> loader::make_entry(loaded got, const cache_settings& how) {
  auto made = std::make_shared<entry>();
  made->etag = etag_of(got.what.body);
  made->body = std::move(got.what.body);
  made->stamp = got.stamp;
  made->loaded_at = got.ended;
  made->load_duration = got.ended - got.began;
  made->expires_at =
      got.ended + (got.what.partial ? std::min(how.partial_ttl, how.l2_cache_ttl) : how.l2_cache_ttl);
  made->partial = got.what.partial;
  made->unknown = got.what.unknown;
  made->own = true;
  return made;
}

asio::awaitable<result<lookup>> loader::read(lane_state& lane, key wanted, read_options options,
                                             bool l2_missed) {
  plan how{.ask_l2 = !options.no_cache && !l2_missed, .keep = !options.no_store, .wishes = options};
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
    how.on = on;
    if (leads && !background_.spawn(lane.executor, "load", fly(lane, wanted, how))) {
      lane.flights.land(wanted, {.answer = errc::shutting_down});
    }
    const bool landed = co_await landed_by(on, options.until);
    if (!landed) {
      const bool in_line = on->in_line() != 0;
      co_return stale_or(in_line ? errc::overloaded : errc::deadline_exceeded, wanted, options);
    }
    // From the second round on, every load began after the first one landed, so after this reader came.
    if (!may_have(wanted, on->outcome(), options, leads || round > 0)) continue;
    if (on->outcome().l2_missed && !l2_missed) shared_.count(event::l2_miss);
    co_return settle(wanted, on->outcome().answer, options, !leads);
  }
  const plan alone{.ask_l2 = false, .keep = false, .wishes = options};
  const auto outcome = co_await load(lane, wanted, alone);
  co_return settle(wanted, outcome.answer, options, false);
}

asio::awaitable<result<lookup>> loader::truth(lane_state& lane, key wanted) {
  if (lane.flights.contains(wanted)) co_return errc::overloaded;
  const auto on = lane.flights.join(wanted).on;
  const plan how{.ask_l2 = false, .keep = false, .aside = true};
  co_await fly(lane, wanted, how);
  auto said = on->outcome().answer;
  co_return said;
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
  const auto wait = std::min<boot_clock::duration>(until.remaining(shared_.now()), longest_wait);
  timer seat_time{co_await asio::this_coro::executor, wait};
  const auto seat = on->board([&seat_time] { seat_time.cancel(); });
  if (on->in_line() != 0) budget_.readers_wait(on->in_line(), on->waiting());
  co_await seat_time.async_wait(quietly);
  if (on->landed()) co_return true;
  on->leave(seat);
  if (on->in_line() != 0) budget_.readers_wait(on->in_line(), on->waiting());
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
  boot_clock::duration l2_budget = shared_.settings()->l2_budget;
  const bool ask_l2 = how.ask_l2 && may_use_l2(how.wishes.strict);
  if (ask_l2) {
    const auto asked = shared_.now();
    const auto got = co_await lane.l2->get(wanted, deadline::after(asked, l2_budget));
    if (auto found = promote(wanted, got, how.wishes)) co_return flight::landing{.answer = *std::move(found)};
    // One budget for the whole load: a Redis that did not answer is not waited for a second time.
    const bool answered = got || got.error() == errc::corrupt_value;
    l2_budget = answered ? l2_budget - (shared_.now() - asked) : boot_clock::duration::zero();
  }
  auto answer = co_await load_from_source(lane, wanted, how, l2_budget);
  if (answer) answer->l2_asked = ask_l2;
  co_return flight::landing{.answer = std::move(answer), .l2_missed = ask_l2};
}

// Over the budget a load waits in line; the more readers wait for it, the sooner is its turn. Its readers
// leave when their time is up; then it goes last, and first when the line is full.
asio::awaitable<result<load_budget::slot>> loader::turn(plan how) {
  if (how.aside) {
    auto free = budget_.try_enter();
    if (!free) co_return errc::overloaded;
    co_return *std::move(free);
  }
  const auto patience = how.on ? longest_wait : how.wishes.until.remaining(shared_.now());
  const auto mine = budget_.next_ticket();
  std::size_t readers = 1;  // who began it may not have taken a seat yet
  if (how.on) {
    readers = std::max(readers, how.on->waiting());
    how.on->line_up(mine);
  }
  const auto wait = std::min<boot_clock::duration>(patience, longest_wait);
  auto place = co_await budget_.enter(mine, readers, wait);
  if (how.on) how.on->line_up(0);
  co_return std::move(place);
}

asio::awaitable<result<loader::loaded>> loader::ask(key wanted, plan how) {
  const auto place = co_await turn(how);
  if (!place) co_return place.error();
  note_position();
  // Before anything is asked: what is invalidated from here on is newer than what this load brings (rule 6).
  loaded got{.stamp = shared_.table().current(), .began = shared_.now()};
  shared_.count(event::load);
  const auto until = deadline::after(got.began, shared_.settings()->load_timeout);
  auto provided = co_await source_.load(wanted, until);
  if (!provided) {
    shared_.count(event::load_error);
    co_return provided.error();
  }
  got.what = *std::move(provided);
  got.ended = shared_.now();
  if (CTX_MUTANT(late_stamp)) got.stamp = shared_.table().current();
  co_return got;
}

// Rule 12: a source that lags behind its writes may have answered without the one that was invalidated for
// shortly before it was asked; in another epoch, if this one is young, or before this process was there.
// Later invalidations are the stamp's.
bool loader::settled(const hashed_key& where, const loaded& got) const {
  if (got.what.settle == got.what.settle.zero()) return true;
  const auto since = got.began - got.what.settle;
  if (const auto pending = shared_.table().pending_since(where.text); pending && *pending > since)
    return false;
  const auto applied = past_.applied_by(since, got.stamp.epoch);
  return applied && shared_.table().newest(where) <= *applied;
}

asio::awaitable<result<lookup>> loader::load_from_source(lane_state& lane, key wanted, plan how,
                                                         boot_clock::duration l2_budget) {
  auto got = co_await ask(wanted, how);
  if (!got) co_return got.error();
  const auto ended = got->ended;
  const auto stamp = got->stamp;
  const auto took = ended - got->began;
  const auto where = shared_.hashed(wanted);
  // The timeout may have been overslept with the whole process.
  if (took > kept_max_ || !settled(where, *got)) how.keep = false;
  const auto made = make_entry(*std::move(got), *shared_.settings());
  made->credit = how.credit;
  lookup answer{.value = made, .from = origin::provider};
  if (made->unknown) {
    if (how.keep) shared_.keep_unknown(where, made, ended);
  } else if (how.keep) {
    answer.stored = how.ahead ? shared_.keep_spare(where, made, ended) : shared_.keep(where, made, ended);
    if (may_use_l2(false) && l2_budget > l2_budget.zero() && shared_.table().holds(where, stamp)) {
      const auto stored = co_await lane.l2->put(wanted, made, deadline::after(ended, l2_budget));
      if (!stored) shared_.count(event::l2_error);
      answer.stored = answer.stored || (stored && *stored);
    }
  }
  co_return answer;
}

// What L2 gave, if this process may serve it.
entry_ptr loader::from_l2(const key& wanted, const result<l2_cache::hit>& got, const read_options& options,
                          std::optional<rejecting_tier> found_in) {
  if (!got) {
    shared_.count(event::l2_error);
    if (got.error() == errc::corrupt_value) shared_.count(event::l2_corrupt);
    return nullptr;
  }
  const auto& value = *got;
  if (!value) return nullptr;
  const auto stamp = log_.stamp_of(*value);
  if (!stamp) return nullptr;
  value->stamp = *stamp;
  if (!shared_.serves(shared_.hashed(wanted), *value, options, shared_.now(), found_in)) return nullptr;
  return value;
}

std::optional<lookup> loader::promote(const key& wanted, const result<l2_cache::hit>& got,
                                      const read_options& options) {
  const auto value = from_l2(wanted, got, options, rejecting_tier::l2);
  if (!value) return std::nullopt;
  const auto now = shared_.now();
  return lookup{.value = value,
                .from = origin::l2,
                .ttl = std::chrono::floor<std::chrono::seconds>(value->expires_at - now),
                .stored = shared_.keep(shared_.hashed(wanted), value, now),
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
