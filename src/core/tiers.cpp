#include "core/tiers.hpp"

#include <algorithm>

#include "base/mutant.hpp"

namespace ctxcache {
namespace {

constexpr std::size_t unknown_bytes_max = std::size_t{64} << 20;
constexpr std::size_t swept_at_a_time = 1'000;

l1::limits l1_limits(const cache_settings& settings) {
  return {settings.enable_l1_cache ? settings.l1_cache_max_size : 0, settings.l1_cache_max_bytes};
}

std::chrono::seconds seconds_until(time_point end, time_point now) {
  return std::chrono::floor<std::chrono::seconds>(end - now);
}

}  // namespace

tiers::tiers(const cache_settings& settings, const clock& time, position start,
             const coherence::validity::limits& how)
    : time_(time),
      table_(start, how),
      l1_(l1_limits(settings)),
      unknown_({settings.negative_max_size, unknown_bytes_max}),
      applied_(time),
      settings_(std::make_shared<const cache_settings>(settings)) {}

bool tiers::serves(const hashed_key& wanted, const entry& value, const read_options& options, time_point now,
                   std::optional<rejecting_tier> found_in) noexcept {
  if (!young_enough(value, options.max_age, now) || !reached(options.min_position)) return false;
  if (table_.serves(wanted, value, now, options.strict)) return true;
  if (!found_in) return false;
  if (table_.licensed(now, options.strict)) {
    rejected_.add(index(*found_in, table_.objection(wanted, value.stamp)));
  } else {
    count(event::unlicensed);
  }
  return false;
}

tiers::reject tiers::index(rejecting_tier where, rejection why) noexcept {
  return static_cast<reject>(static_cast<std::size_t>(where) * static_cast<std::size_t>(rejection::count) +
                             static_cast<std::size_t>(why));
}

bool tiers::reached(const std::optional<position>& place) const noexcept {
  if (!place || CTX_MUTANT(min_position_ignored)) return true;
  const auto here = table_.current();
  return here.epoch == place->epoch && here.sequence >= place->sequence;
}

std::optional<lookup> tiers::find(const hashed_key& wanted, const read_options& options, time_point now,
                                  bool again) noexcept {
  auto [value, fresh_until] = l1_.find(wanted, now);
  if (!value || fresh_until <= now) return std::nullopt;
  const auto found_in = again ? std::nullopt : std::optional{rejecting_tier::l1};
  if (!serves(wanted, *value, options, now, found_in)) return std::nullopt;
  return lookup{.value = std::move(value), .from = origin::l1, .ttl = seconds_until(fresh_until, now)};
}

bool tiers::known_unknown(const hashed_key& wanted, const read_options& options, time_point now) noexcept {
  const auto [value, fresh_until] = unknown_.find(wanted, now);
  return value && fresh_until > now && serves(wanted, *value, options, now, rejecting_tier::l1);
}

std::optional<lookup> tiers::stale(const hashed_key& wanted, const read_options& options,
                                   time_point now) noexcept {
  auto [value, fresh_until] = l1_.find(wanted, now);
  if (!value || !serves(wanted, *value, options, now, std::nullopt)) return std::nullopt;
  const auto ttl = std::min(seconds_until(fresh_until, now), std::chrono::seconds{-1});
  return lookup{.value = std::move(value), .from = origin::stale, .ttl = ttl};
}

tiers::life tiers::life_of(const entry& value, time_point now) const {
  const auto how = settings();
  const auto fresh_until = std::min(now + how->l1_cache_ttl, value.expires_at);
  return {fresh_until, std::max(fresh_until, value.expires_at + how->stale_grace)};
}

bool tiers::keep(const hashed_key& where, const entry_ptr& value, time_point now) {
  // An invalidated value would only push out others.
  if (!table_.holds(where, value->stamp)) return false;
  const auto [fresh_until, keep_until] = life_of(*value, now);
  return l1_.put(where, value, fresh_until, keep_until);
}

bool tiers::keep_spare(const hashed_key& where, const entry_ptr& value, time_point now) {
  if (!table_.holds(where, value->stamp)) return false;
  const auto [fresh_until, keep_until] = life_of(*value, now);
  return l1_.put_spare(where, value, fresh_until, keep_until);
}

void tiers::keep_unknown(const hashed_key& where, const entry_ptr& value, time_point now) {
  const auto until = now + settings()->negative_ttl;
  static_cast<void>(unknown_.put(where, value, until, until));
  // Nor may an older copy stand in for a customer who is gone.
  static_cast<void>(l1_.erase(scope::exactly(where.text), hash_));
}

std::size_t tiers::erase(const scope& what) {
  static_cast<void>(unknown_.erase(what, hash_));
  return l1_.erase(what, hash_);
}

void tiers::sweep() {
  const auto at = now();
  static_cast<void>(l1_.sweep(at, swept_at_a_time));
  static_cast<void>(unknown_.sweep(at, swept_at_a_time));
}

std::shared_ptr<const cache_settings> tiers::settings() const {
  const std::lock_guard lock{settings_mutex_};
  return settings_;
}

void tiers::reconfigure(const cache_settings& settings) {
  auto next = std::make_shared<cache_settings>(settings);
  const auto present = this->settings();
  next->agent_types = present->agent_types;
  next->enable_l1_cache = present->enable_l1_cache;
  next->enable_l2_cache = present->enable_l2_cache;
  {
    const std::lock_guard lock{settings_mutex_};
    settings_ = next;
  }
  l1_.resize(l1_limits(*next));
  unknown_.resize({next->negative_max_size, unknown_bytes_max});
}

stats_snapshot tiers::stats() const {
  const auto used = l1_.used();
  const auto bounds = l1_.bounds();
  rejection_counts rejections;
  std::uint64_t rejected = 0;
  for (std::size_t i = 0; i < rejections.size(); ++i) {
    for (std::size_t j = 0; j < rejections[i].size(); ++j) {
      const auto where = index(static_cast<rejecting_tier>(i), static_cast<rejection>(j));
      rejections[i][j] = rejected_.total(where);
      rejected += rejections[i][j];
    }
  }
  return {.l1_hits = counted_.total(event::l1_hit),
          .l1_misses = counted_.total(event::l1_miss),
          .l2_hits = counted_.total(event::l2_hit),
          .l2_misses = counted_.total(event::l2_miss),
          .l1_size = used.items,
          .l1_bytes = used.bytes,
          .l1_max_size = bounds.items,
          .l1_max_bytes = bounds.bytes,
          .l1_evictions = used.evictions,
          .l1_expirations = used.expirations,
          .l2_errors = counted_.total(event::l2_error),
          .l2_corrupt = counted_.total(event::l2_corrupt),
          .loads = counted_.total(event::load),
          .load_errors = counted_.total(event::load_error),
          .coalesced = counted_.total(event::coalesced),
          .stale_served = counted_.total(event::stale_served),
          .stale_rejected = rejected,
          .rejections = rejections,
          .unknown_hits = counted_.total(event::unknown_hit),
          .unlicensed = counted_.total(event::unlicensed),
          .puts = counted_.total(event::put),
          .invalidations = counted_.total(event::invalidation),
          .fences_confirmed = counted_.total(event::fence_confirmed),
          .fences_unconfirmed = counted_.total(event::fence_unconfirmed),
          .licences_lost = counted_.total(event::licence_lost),
          .epochs_joined = counted_.total(event::epoch_joined),
          .inspected_match = counted_.total(event::inspected_match),
          .inspected_inconclusive = counted_.total(event::inspected_inconclusive),
          .inspected_unannounced = counted_.total(event::inspected_unannounced),
          .inspected_violation = counted_.total(event::inspected_violation),
          .lag = applied_.lags(),
          .fences = fences_.read()};
}

}  // namespace ctxcache
