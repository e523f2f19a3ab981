// Rules 4, 9 and 10: heartbeats and the licence, joining, following the log, removing the silent.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/mutant.hpp"
#include "base/run_on.hpp"
#include "coherence/server_check.hpp"
#include "core/fleet_log.hpp"

namespace ctxcache {

namespace asio = boost::asio;
using wanted = coherence::member::wanted;

namespace {

constexpr std::chrono::milliseconds tail_wait_max{1'000};
constexpr std::chrono::milliseconds retry_pause{100};
constexpr std::size_t messages_at_a_time = 1'000;
constexpr std::uint64_t beats_between_burials = 8;

}  // namespace

asio::awaitable<void> fleet_log::beat() {
  const boot_clock::duration every = settings_.constants.licence / 4;
  while (!background_.closed()) {
    beat_now_ = false;
    const auto sent = shared_.now();
    // Replicas acknowledge in their own time: up to half the licence may pass.
    const auto until = deadline::after(sent, 2 * every);
    log_store::beat mine{id_, member_.applied(), ++beats_, member_.epoch_is_old(sent)};
    const auto answer = co_await store_->heartbeat(std::move(mine), settings_.replicas, until);
    if (answer) co_await heard(*answer, sent);
    note_licence();
    if (answer && beats_ % beats_between_burials == 0) co_await bury_the_silent();
    if (beat_now_ || background_.closed()) continue;
    beat_pause_.expires_after(every);
    co_await beat_pause_.async_wait(quietly);
  }
}

asio::awaitable<void> fleet_log::heard(log_store::beat_answer answer, time_point sent) {
  const auto& ours = settings_.constants;
  if (answer.constants != ours) {
    const auto& theirs = answer.constants;
    refuse(
        fmt::format("the fleet has licence {} ms, grace {} ms, own_loads {} ms, load_deadline {} ms: set the "
                    "same here, or stop all daemons and delete the log",
                    theirs.licence.count(), theirs.grace.count(), theirs.own_loads.count(),
                    theirs.load_deadline.count()));
    co_await give_up();
    co_return;
  }
  outbox_.say_again(answer.last.epoch, sent);
  const bool acknowledged = answer.replicas >= settings_.replicas || CTX_MUTANT(no_wait);
  const coherence::member::beat_answer said{
      .last = answer.last, .acknowledged = acknowledged, .epoch_is_old = answer.epoch_is_old};
  if (member_.heard(sent, shared_.now(), said) == wanted::join) {
    co_await join(answer.last);
  }
}

void fleet_log::refuse(std::string why) {
  const std::lock_guard lock{report_mutex_};
  if (report_.refusal == why) return;
  if (!why.empty()) log::out().error("does not join the fleet, serves without cache: {}", why);
  report_.refusal = std::move(why);
}

void fleet_log::beat_at_once() {
  beat_now_ = true;
  beat_pause_.cancel();
}

void fleet_log::note_licence() {
  const bool licensed = shared_.table().licensed(shared_.now(), true);
  if (was_licensed_ && !licensed) {
    shared_.count(event::licence_lost);
    log::out().warn("the fleet's log does not answer: serving what is cached for the grace, then loading");
  }
  if (!was_licensed_ && licensed) log::out().info("licensed by the fleet's log");
  was_licensed_ = licensed;
  {
    const std::lock_guard lock{report_mutex_};
    report_.joined = member_.in_fleet();
  }
  if (licensed) licensed_.cancel();
}

// Rule 9: the heartbeat has registered us; read everything up to what it answered.
asio::awaitable<void> fleet_log::join(position last) {
  if (!co_await fit_to_join()) co_return;
  std::vector<log_message> messages;
  while (true) {
    const auto after = messages.empty() ? 0 : messages.back().at.sequence;
    auto more = co_await store_->read(after, messages_at_a_time, soon());
    if (!more) co_return;  // the next heartbeat tries again
    std::ranges::move(*more, std::back_inserter(messages));
    if (more->size() < messages_at_a_time) break;
  }
  const bool new_epoch = member_.applied().epoch != last.epoch;
  if (!member_.joined(shared_.now(), last, messages)) co_return;
  if (new_epoch) shared_.count(event::epoch_joined);
  shared_.applied().take(messages, member_.applied(), applied_messages::by::joining);
  log::out().info("joined the fleet as {} at {}", id_, to_string(member_.applied()));
  beat_at_once();  // a licence needs a heartbeat of its own
  tail_pause_.cancel();
  store_->wake_tail();  // it may wait behind a place in another epoch
}

// What the server is may have changed with a failover, so it is looked at before each joining.
asio::awaitable<bool> fleet_log::fit_to_join() {
  const auto facts = co_await store_->inspect(soon());
  if (!facts) co_return false;
  auto found = coherence::judge(*facts, settings_.strict, settings_.replicas);
  for (auto& one : found.warnings) {
    if (std::ranges::find(warned_, one) != warned_.end()) continue;
    log::out().warn("{}", one);
    warned_.push_back(std::move(one));
  }
  const bool fit = found.refusal.empty();
  refuse(std::move(found.refusal));
  if (!fit) co_await give_up();
  co_return fit;
}

asio::awaitable<void> fleet_log::follow() {
  const auto wait = std::min(tail_wait_max, settings_.constants.licence / 4);
  while (!background_.closed()) {
    if (member_.in_fleet()) {
      const auto came = co_await store_->tail(member_.applied().sequence, wait);
      // To report a fence and to rejoin both begin with a heartbeat.
      if (came && member_.arrived(*came) != wanted::nothing) beat_at_once();
      if (came) shared_.applied().take(*came, member_.applied(), applied_messages::by::tail);
      if (CTX_MUTANT(eager_drop) && came) {
        for (const auto& one : *came) shared_.erase(one.said.what);
      }
      if (came) continue;
    }
    if (background_.closed()) break;
    tail_pause_.expires_after(retry_pause);
    co_await tail_pause_.async_wait(quietly);
  }
}

asio::awaitable<void> fleet_log::bury_the_silent() {
  const auto seen = co_await store_->registered(soon());
  if (!seen) co_return;
  const auto patience = CTX_MUTANT(expunge_early) ? settings_.constants.licence / 2 : member_.silence_max();
  const auto silent = sightings_.silent(seen->all, shared_.now(), patience);
  for (const auto& one : silent) {
    if (one.id == id_) continue;
    const auto removed = co_await store_->remove(one.id, one.count, soon());
    if (removed && *removed) log::out().info("removed member {} from the registry: silent", one.id);
  }
}

// Fences need not wait for who serves nothing.
asio::awaitable<void> fleet_log::give_up() {
  member_.expel();
  co_await unregister();
}

asio::awaitable<void> fleet_log::unregister() {
  const auto removed = co_await store_->remove(id_, std::nullopt, soon());
  if (!removed) log::out().warn("still in the fleet's registry: {}", removed.error().message());
}

}  // namespace ctxcache
