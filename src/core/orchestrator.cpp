#include "ctxcache/orchestrator.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <utility>

#include "base/mutant.hpp"
#include "base/run_on.hpp"
#include "core/fleet_log.hpp"
#include "core/local_log.hpp"
#include "core/orchestrator_impl.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds sweep_every{1};

void check(const cache_settings& settings, const orchestrator::parts& with) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw boost::system::system_error{errc::invalid_config, what};
  };
  require(!with.lanes.empty(), "an orchestrator needs at least one lane");
  require(with.source != nullptr, "an orchestrator needs a source of contexts");
  require(with.time != nullptr, "an orchestrator needs a clock");
  require(std::ranges::all_of(with.lanes, [](const auto& one) { return one.l2 != nullptr; }),
          "a lane needs an L2");
  require(settings.l1_cache_ttl.count() > 0, "l1_cache_ttl must be positive");
  require(settings.l2_cache_ttl.count() > 0, "l2_cache_ttl must be positive");
  require(settings.load_timeout.count() > 0, "load_timeout must be positive");
  require(!settings.agent_types.empty(), "agent_types must not be empty");
}

// A strict process is no other member: fences allow it the grace that it does not take.
coherence::validity::limits limits_of(const fleet_settings& fleet) {
  coherence::validity::limits how{.buckets = coherence::validity::buckets_for(fleet.table_slots)};
  if (fleet.strict) return how;
  how.grace = fleet.constants.grace;
  how.own_loads = fleet.constants.own_loads;
  return how;
}

}  // namespace

orchestrator::impl::impl(const cache_settings& settings, parts with)
    : source(std::move(with.source)),
      shared(settings, *with.time, local_log::start(with.time->now()), limits_of(with.fleet)) {
  auto kept_max = boot_clock::duration::max();
  if (with.log) {
    kept_max = with.fleet.constants.load_deadline;
    log = std::make_unique<fleet_log>(shared, std::move(with.log), with.fleet, with.lanes.front().executor);
  } else {
    log = std::make_unique<local_log>(shared);
  }
  loads.emplace(shared, *source, *log, background, kept_max);
  inspections.emplace(shared, *source, *loads, background);
  for (auto& one : with.lanes) {
    lanes.push_back(std::make_unique<lane_state>(lane_state{one.executor, std::move(one.l2), {}}));
  }
  for (const auto& name : settings.agent_types) agent_types.push_back(percent_encode(name));
  counts.emplace(shared, *log, std::move(with.roll), lanes.front()->executor);
  counts->begin(background);
  invalidations.emplace(shared, *lanes.front(), *log, *counts, background);
  housekeeping_pause.emplace(lanes.front()->executor);
  background.spawn(lanes.front()->executor, "housekeeping", keep_house());
}

orchestrator::orchestrator(cache_settings settings, parts with) {
  check(settings, with);
  impl_ = std::make_unique<impl>(settings, std::move(with));
}

orchestrator::~orchestrator() = default;

asio::awaitable<result<put_receipt>> orchestrator::put(key where, std::string document, deadline until) {
  auto& home = impl_->home_of(impl_->shared.hashed(where));
  auto putting = impl_->put(home, std::move(where), std::move(document), until);
  co_return co_await run_on(home.executor, std::move(putting));
}

// Rule 15: an invalidation of exactly this key first, then the value under its number; so of two racing
// writers, and of a load that races with them, the later writer's value stays.
asio::awaitable<result<put_receipt>> orchestrator::impl::put(lane_state& lane, key where,
                                                             std::string document, deadline until) {
  if (!knows(where)) co_return errc::unknown_agent_type;
  invalidation message{.what = scope::exactly(where), .reason = "put"};
  const auto published = co_await log->publish(std::move(message), until);
  if (!published) co_return published.error();
  shared.count(event::put);
  const auto now = shared.now();
  const auto settings = shared.settings();
  const auto made = std::make_shared<entry>();
  made->etag = etag_of(document);
  made->body = std::move(document);
  // While the message is queued the value is this process's own word: good here, and nowhere else.
  const bool here_only = published->queued || CTX_MUTANT(put_stamp);
  made->stamp = here_only ? shared.table().current() : published->at;
  made->loaded_at = now;
  // As old as the call: while this process slept others may have put something newer.
  made->load_duration = now - published->asked_at;
  made->expires_at = now + settings->l2_cache_ttl;
  made->own = true;
  put_receipt done{.at = published->at, .value = made, .queued = published->queued};
  done.stored_l1 = shared.keep(shared.hashed(where), made, now);
  if (settings->enable_l2_cache && !done.queued) {
    const auto stored = co_await lane.l2->put(where, made, until.within(now, settings->l2_budget));
    if (!stored) shared.count(event::l2_error);
    done.stored_l2 = stored && *stored;
  }
  co_return done;
}

asio::awaitable<result<receipt>> orchestrator::invalidate(invalidation message, deadline until) {
  auto work = impl_->invalidations->invalidate(std::move(message), until);
  co_return co_await run_on(impl_->lanes.front()->executor, std::move(work));
}

asio::awaitable<result<receipt>> orchestrator::invalidate_cache(std::string customer_id,
                                                                std::optional<std::string> agent_type,
                                                                std::optional<std::string> conversation_id) {
  auto what = scope::of(customer_id, agent_type, conversation_id);
  if (!what) co_return what.error();
  invalidation message{.what = *std::move(what)};
  const deadline unbounded;
  co_return co_await invalidate(std::move(message), unbounded);
}

asio::awaitable<result<receipt>> orchestrator::clear() {
  invalidation message{.what = scope::everything()};
  const deadline unbounded;
  co_return co_await invalidate(std::move(message), unbounded);
}

asio::awaitable<applied_page> orchestrator::applied(std::optional<position> after, std::size_t most,
                                                    deadline until) {
  return impl_->shared.applied().read_when(after, most, until);
}

asio::awaitable<preview> orchestrator::preview_of(scope what, deadline until) {
  auto work = impl_->invalidations->preview_of(std::move(what), until);
  co_return co_await run_on(impl_->lanes.front()->executor, std::move(work));
}

asio::awaitable<explanation> orchestrator::explain(key wanted, deadline until) {
  auto& home = impl_->home_of(impl_->shared.hashed(wanted));
  auto work = impl_->explain(home, std::move(wanted), until);
  co_return co_await run_on(home.executor, std::move(work));
}

asio::awaitable<explanation> orchestrator::impl::explain(lane_state& lane, key wanted, deadline until) {
  const auto where = shared.hashed(wanted);
  const auto now = shared.now();
  const auto remaining = [now](time_point end) {
    return std::chrono::floor<std::chrono::milliseconds>(end - now);
  };
  explanation out;
  out.loading = lane.flights.contains(wanted);
  if (const auto newest = shared.table().newest(where); newest != 0) {
    out.last_invalidated = position{shared.table().current().epoch, newest};
  }
  if (const auto held = shared.l1().peek(where, now); held.value) {
    const bool valid = shared.table().serves(where, *held.value, now);
    out.l1 = explanation::copy{held.value, valid, remaining(held.fresh_until)};
  }
  const auto settings = shared.settings();
  if (!settings->enable_l2_cache) co_return out;
  const auto got = co_await lane.l2->get(wanted, until.within(now, settings->l2_budget));
  if (!got) {
    out.l2_error = got.error();
  } else if (const auto& held = *got) {
    const auto stamp = log->stamp_of(*held);
    if (stamp) held->stamp = *stamp;
    const bool valid = stamp && shared.table().serves(where, *held, now);
    out.l2 = explanation::copy{held, valid, remaining(held->expires_at)};
  }
  co_return out;
}

// Frees what is past keeping, so that a quiet process does not hold on to it.
asio::awaitable<void> orchestrator::impl::keep_house() {
  while (!background.closed()) {
    shared.sweep();
    loads->note_position();
    housekeeping_pause->expires_after(sweep_every);
    co_await housekeeping_pause->async_wait(quietly);
  }
}

stats_snapshot orchestrator::stats() const {
  return impl_->shared.stats();
}
cache_settings orchestrator::settings() const {
  return *impl_->shared.settings();
}
position orchestrator::at() const noexcept {
  return impl_->shared.table().current();
}
std::size_t orchestrator::loads_running() const noexcept {
  return impl_->loads->budget().running();
}

std::size_t orchestrator::loads_waiting() const noexcept {
  return impl_->loads->budget().waiting();
}

bool orchestrator::knows_agent_type(std::string_view name) const noexcept {
  const auto& known = impl_->agent_types;
  return std::ranges::find(known, name) != known.end();
}

asio::awaitable<result<void>> orchestrator::start(deadline until) {
  co_return co_await impl_->log->start(until);
}

asio::awaitable<result<invalidation_log::fence_report>> orchestrator::fence_at(position at, deadline until) {
  co_return co_await impl_->log->fence_at(at, until);
}

fleet_report orchestrator::fleet() const {
  return impl_->log->report();
}

l2_cache::health orchestrator::l2_health() const {
  auto worst = impl_->lanes.front()->l2->report();
  for (const auto& one : impl_->lanes) {
    auto next = one->l2->report();
    if (next.now == l2_cache::health::state::down) worst = std::move(next);
  }
  return worst;
}

void orchestrator::reconfigure(const cache_settings& settings) {
  impl_->shared.reconfigure(settings);
  impl_->loads->budget().resize(settings.max_concurrent_loads);
  impl_->inspections->set(settings.inspect);
}

asio::awaitable<void> orchestrator::stop() {
  impl_->background.close();
  impl_->loads->budget().close();
  for (const auto& one : impl_->lanes) {
    auto stopping = impl_->stop_lane(*one);
    co_await run_on(one->executor, std::move(stopping));
  }
  co_await impl_->background.drain();
  co_await impl_->log->stop();
}

asio::awaitable<void> orchestrator::impl::stop_lane(lane_state& lane) {
  if (&lane == lanes.front().get()) {
    housekeeping_pause->cancel();
    co_await counts->stop();
  }
  co_await lane.l2->stop();
}

}  // namespace ctxcache
