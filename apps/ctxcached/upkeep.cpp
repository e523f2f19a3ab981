#include "ctxcached/upkeep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <utility>

#include "base/random.hpp"
#include "base/timestamp.hpp"

namespace ctxcache::daemon {

namespace asio = boost::asio;

namespace {

changes::rule rule_of(const config::event_rule_config& from) {
  changes::rule out{.type = from.type,
                    .conversation_id = from.conversation_id,
                    .agent_types = from.agent_types,
                    .everything = from.everything};
  if (!from.customer_id.empty()) out.customer_id = from.customer_id;
  return out;
}

// The first rule that fits decides, so the operator's own come first.
changes::intake_settings intake_settings(const config::daemon_config& config) {
  changes::intake_settings out{.dedupe_window = config.intake.dedupe_window,
                               .merge_window = config.intake.merge_window,
                               .dead_letters_max = config.intake.dead_letters_max};
  std::ranges::transform(config.event_rules, std::back_inserter(out.rules), rule_of);
  if (config.intake.default_rules) std::ranges::copy(changes::default_rules(), std::back_inserter(out.rules));
  return out;
}

changes::scheme scheme_of(config::signature_scheme from) {
  switch (from) {
    case config::signature_scheme::standard_webhooks:
      return changes::scheme::standard_webhooks;
    case config::signature_scheme::stripe:
      return changes::scheme::stripe;
    case config::signature_scheme::zendesk:
      return changes::scheme::zendesk;
    case config::signature_scheme::hmac:
      break;
  }
  return changes::scheme::hmac;
}

changes::signer signer_of(const config::signature_config& from) {
  changes::signer out{.name = from.name,
                      .how = scheme_of(from.scheme),
                      .secrets = {},
                      .tolerance = std::chrono::floor<std::chrono::seconds>(from.tolerance),
                      .header = from.header};
  for (const auto& text : from.secrets) {
    auto one = changes::secret::of(out.how, text);
    if (!one) {
      throw boost::system::system_error{errc::invalid_config,
                                        "signature." + from.name + ": a secret that its scheme cannot have"};
    }
    out.secrets.push_back(*std::move(one));
  }
  return out;
}

warming::warmer_settings warmer_settings(const config::warming_config& from) {
  return {.concurrency = from.concurrency,
          .loads_per_second = from.loads_per_second,
          .expires_within = from.expires_within,
          .slow_above = from.slow_above,
          .warm_start_budget = from.warm_start_budget,
          .hot_keys = from.hot_keys};
}

warming::schedule_spec schedule_of(const config::schedule_config& from) {
  warming::schedule_spec out{.name = from.name, .when = std::nullopt, .on_event = from.on_event};
  out.order = {
      .segments = from.segments, .agent_types = from.agent_types, .refresh = from.refresh, .hold = from.hold};
  if (from.cron.empty() && from.before.empty()) return out;
  const auto seconds = [](auto span) { return std::chrono::floor<std::chrono::seconds>(span); };
  const bool skip = from.missed_runs == config::missed_policy::skip;
  auto made = schedule::plan::make({.name = from.name,
                                    .cron = from.cron,
                                    .before = from.before,
                                    .lead = seconds(from.lead),
                                    .timezone = from.timezone,
                                    .jitter = seconds(from.jitter),
                                    .missed = skip ? schedule::missed_run::skip : schedule::missed_run::run});
  if (const auto* wrong = std::get_if<schedule::problem>(&made)) {
    throw boost::system::system_error{errc::invalid_config, "schedule." + from.name + ": " + wrong->why};
  }
  out.when = std::get<schedule::plan>(std::move(made));
  return out;
}

}  // namespace

upkeep::upkeep(orchestrator& cache, const config::daemon_config& config, upkeep_parts with)
    : holder_(fmt::format("{:016x}", random_u64())),
      shared_(std::move(with.shared)),
      reads_(std::move(with.reads), machine_clock()),
      lag_(std::move(with.lag), machine_clock()) {
  std::ranges::transform(config.signatures, std::back_inserter(signers_), signer_of);
  warmer_.emplace(cache, warmer_settings(config.warming),
                  warming::warmer_parts{.home = with.home,
                                        .shared = shared_,
                                        .segments = std::move(with.segments),
                                        .live_p99 = [this](auto span) { return live_p99(span); }});
  std::vector<warming::schedule_spec> schedules;
  std::ranges::transform(config.schedules, std::back_inserter(schedules), schedule_of);
  scheduler_.emplace(
      std::move(schedules),
      warming::scheduler::parts{
          .home = with.home, .shared = shared_, .start = [this](warming::warm_order order, deadline until) {
            return warmer_->start(std::move(order), until);
          }});
  intake_.emplace(cache, intake_settings(config), with.home, shared_,
                  [this](const change& one) { scheduler_->heard(one.type); });
  for (auto& one : with.sources) {
    consumers_.push_back(
        std::make_unique<changes::consumer>(*intake_, changes::consumer_parts{.name = one.name,
                                                                              .source = std::move(one.source),
                                                                              .shared = shared_,
                                                                              .holder = holder_,
                                                                              .home = with.home}));
  }
}

// Most reads are hits, which take microseconds once they are read: what makes them slow is the wait before.
std::chrono::microseconds upkeep::live_p99(std::chrono::seconds span) {
  const auto waited = lag_.p99(span);
  const auto took = reads_.p99(span);
  return took.count() == 0 ? took : waited + took;
}

asio::awaitable<void> upkeep::begin() {
  co_await warmer_->begin();
  scheduler_->begin();
  for (const auto& one : consumers_) one->begin();
}

asio::awaitable<void> upkeep::stop() {
  for (const auto& one : consumers_) co_await one->stop();
  co_await intake_->stop();
  co_await scheduler_->stop();
  co_await warmer_->stop();
  co_await shared_->stop();
}

void upkeep::show_in(http::server_parts& parts) {
  parts.intake = &*intake_;
  parts.signers = signers_;
  parts.warmer = &*warmer_;
  parts.sources = [this] { return sources(); };
  parts.schedules = [this] { return schedules(); };
}

std::vector<http::source_status> upkeep::sources() const {
  std::vector<http::source_status> out;
  for (const auto& one : consumers_) {
    const auto now = one->report();
    out.push_back({.name = now.name,
                   .held = now.holding,
                   .up = !now.error,
                   .detail = now.source + (now.error ? ": " + now.error->message() : std::string{}),
                   .applied = now.applied});
  }
  return out;
}

std::vector<http::schedule_status> upkeep::schedules() const {
  std::vector<http::schedule_status> out;
  for (const auto& one : scheduler_->status()) {
    http::schedule_status now{
        .name = one.name, .next = one.next, .up = one.problem.empty(), .detail = one.problem};
    if (one.last && now.up) {
      now.detail = fmt::format("last at {} ({}){}", timestamp(one.last->at), one.last->why,
                               one.last->job.empty() ? "" : ", job " + one.last->job);
    }
    out.push_back(std::move(now));
  }
  return out;
}

}  // namespace ctxcache::daemon
