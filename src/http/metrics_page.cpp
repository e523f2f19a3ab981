// GET /metrics, in Prometheus' text format.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "http/handlers.hpp"

namespace ctxcache::http {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// Families, in the order they are printed, without those of which there is nothing in this process. Every
/// series is there from the start, at 0.
class page {
 public:
  void begin(std::string_view name, MetricType type, std::string_view help) {
    families_.push_back(
        {.name = "ctxcache_" + std::string{name}, .help = std::string{help}, .type = type, .metric = {}});
  }
  void add(labels with, double value) {
    ClientMetric one;
    one.label = std::move(with);
    if (families_.back().type == MetricType::Counter)
      one.counter.value = value;
    else
      one.gauge.value = value;
    families_.back().metric.push_back(std::move(one));
  }
  void add(labels with, std::uint64_t value) { add(std::move(with), static_cast<double>(value)); }
  void add(labels with, const histogram::snapshot& took) {
    ClientMetric one;
    one.label = std::move(with);
    one.histogram.sample_count = took.count;
    one.histogram.sample_sum = took.sum_seconds;
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < took.buckets.size(); ++i) {
      const bool last = i == histogram::bounds_seconds.size();
      so_far += took.buckets[i];
      one.histogram.bucket.push_back(
          {so_far, last ? std::numeric_limits<double>::infinity() : histogram::bounds_seconds[i]});
    }
    families_.back().metric.push_back(std::move(one));
  }
  [[nodiscard]] std::string text() && {
    std::erase_if(families_, [](const MetricFamily& one) { return one.metric.empty(); });
    return prometheus::TextSerializer{}.Serialize(families_);
  }

 private:
  std::vector<MetricFamily> families_;
};

void add_tiers(page& out, const stats_snapshot& now) {
  out.begin("cache_requests_total", MetricType::Counter, "Look-ups of each tier by result.");
  out.add({{"tier", "l1"}, {"result", "hit"}}, now.l1_hits);
  out.add({{"tier", "l1"}, {"result", "miss"}}, now.l1_misses);
  out.add({{"tier", "l1"}, {"result", "negative"}}, now.unknown_hits);
  out.add({{"tier", "l2"}, {"result", "hit"}}, now.l2_hits);
  out.add({{"tier", "l2"}, {"result", "miss"}}, now.l2_misses);
  out.add({{"tier", "l2"}, {"result", "error"}}, now.l2_errors);
  out.begin("cache_entries", MetricType::Gauge, "Entries held now.");
  out.add({{"tier", "l1"}}, now.l1_size);
  out.begin("cache_bytes", MetricType::Gauge, "Bytes held now, bookkeeping included.");
  out.add({{"tier", "l1"}}, now.l1_bytes);
  out.begin("cache_capacity_entries", MetricType::Gauge, "Entries that may be held.");
  out.add({{"tier", "l1"}}, now.l1_max_size);
  out.begin("cache_capacity_bytes", MetricType::Gauge, "Bytes that may be held.");
  out.add({{"tier", "l1"}}, now.l1_max_bytes);
  out.begin("cache_evictions_total", MetricType::Counter, "Entries dropped by reason.");
  out.add({{"tier", "l1"}, {"reason", "size"}}, now.l1_evictions);
  out.add({{"tier", "l1"}, {"reason", "ttl"}}, now.l1_expirations);
  out.begin("corrupt_values_total", MetricType::Counter, "Values in L2 that could not be decoded.");
  out.add({}, now.l2_corrupt);
  out.begin("puts_total", MetricType::Counter, "Values stored by callers.");
  out.add({}, now.puts);
  out.begin("invalidations_total", MetricType::Counter, "Invalidations that callers asked this process for.");
  out.add({}, now.invalidations);
}

void add_rejections(page& out, const stats_snapshot& now) {
  out.begin("stale_rejected_total", MetricType::Counter,
            "Values found that an invalidation forbade, by what forbade them; shared_bucket: one of another "
            "scope, for want of room.");
  for (std::size_t i = 0; i < now.rejections.size(); ++i) {
    for (std::size_t j = 0; j < now.rejections[i].size(); ++j) {
      out.add({{"tier", std::string{name(static_cast<rejecting_tier>(i))}},
               {"scope", std::string{name(static_cast<rejection>(j))}}},
              now.rejections[i][j]);
    }
  }
  out.begin("unlicensed_total", MetricType::Counter,
            "Values found that might not be served, the log of invalidations being away.");
  out.add({}, now.unlicensed);
}

void add_fleet(page& out, const service& on, const stats_snapshot& now) {
  const auto fleet = on.cache.fleet();
  out.begin("licensed", MetricType::Gauge,
            "1 while cached values may be served: by a licence of the log, or within the grace after it.");
  out.add({}, std::uint64_t{fleet.licensed});
  out.begin("licences_lost_total", MetricType::Counter, "Licences that ran out before the log answered.");
  out.add({}, now.licences_lost);
  out.begin("epochs_joined_total", MetricType::Counter, "Epochs of the log joined, the first one too.");
  out.add({}, now.epochs_joined);
  out.begin("log_position", MetricType::Gauge,
            "Number of the last message applied; a new epoch of the log begins at 0.");
  out.add({}, on.cache.at().sequence);
  out.begin("invalidations_queued", MetricType::Gauge, "Invalidations that wait for the log to be there.");
  out.add({}, std::uint64_t{fleet.queued});
  out.begin("invalidation_lag_seconds", MetricType::Histogram,
            "From an invalidation being published, anywhere, to its being applied here; two clocks tell it.");
  out.add({}, now.lag);
  out.begin("fences_total", MetricType::Counter, "Fences asked of this process by result.");
  out.add({{"result", "confirmed"}}, now.fences_confirmed);
  out.add({{"result", "unconfirmed"}}, now.fences_unconfirmed);
  out.begin("fence_duration_seconds", MetricType::Histogram,
            "From an invalidation with a fence being asked for to its answer, confirmed or not.");
  out.add({}, now.fences);
}

void add_inspections(page& out, const stats_snapshot& now) {
  out.begin("inspected_total", MetricType::Counter,
            "Hits compared with what the providers say, by result; a violation is a defect.");
  out.add({{"result", "match"}}, now.inspected_match);
  out.add({{"result", "inconclusive"}}, now.inspected_inconclusive);
  out.add({{"result", "unannounced"}}, now.inspected_unannounced);
  out.add({{"result", "violation"}}, now.inspected_violation);
}

void add_loads(page& out, const service& on, const stats_snapshot& now) {
  const auto asked = on.parts.metrics ? on.parts.metrics() : std::vector<provider_metrics>{};
  out.begin("context_loads_total", MetricType::Counter, "Contexts loaded from the providers by result.");
  out.add({{"result", "ok"}}, now.loads - std::min(now.loads, now.load_errors));
  out.add({{"result", "error"}}, now.load_errors);
  out.begin("context_loads_running", MetricType::Gauge, "Contexts being loaded now.");
  out.add({}, std::uint64_t{on.cache.loads_running()});
  out.begin("context_loads_waiting", MetricType::Gauge, "Contexts whose load waits for another to end.");
  out.add({}, std::uint64_t{on.cache.loads_waiting()});
  out.begin("loads_total", MetricType::Counter, "Questions to each provider by result.");
  for (const auto& one : asked) {
    out.add({{"provider", one.name}, {"result", "ok"}}, one.succeeded);
    out.add({{"provider", one.name}, {"result", "error"}}, one.failed);
  }
  out.begin("load_duration_seconds", MetricType::Histogram, "How long each provider took to answer.");
  for (const auto& one : asked) out.add({{"provider", one.name}}, one.took);
  out.begin("coalesced_total", MetricType::Counter, "Reads that joined a load under way.");
  out.add({}, now.coalesced);
  out.begin("stale_served_total", MetricType::Counter,
            "Reads answered from the past, a provider being down.");
  out.add({{"reason", "provider_down"}}, now.stale_served);
}

void add_events(page& out, const service& on) {
  const auto taken = on.parts.intake != nullptr ? on.parts.intake->stats() : changes::intake::counts{};
  out.begin("events_total", MetricType::Counter,
            "Change events taken by this process, by what became of them.");
  out.add({{"verdict", "invalidated"}}, taken.invalidated);
  out.add({{"verdict", "ignored"}}, taken.ignored);
  out.add({{"verdict", "duplicate"}}, taken.duplicate);
  out.add({{"verdict", "rejected"}}, taken.rejected);
  out.add({{"verdict", "failed"}}, taken.failed);
  out.add({{"verdict", "unsigned"}}, taken.unsigned_);
  out.add({{"verdict", "unreadable"}}, taken.unreadable);
  out.begin("events_merged_total", MetricType::Counter,
            "Change events that shared another's invalidation; they are among the invalidated.");
  out.add({}, taken.merged);
  const auto sources = on.parts.sources ? on.parts.sources() : std::vector<source_status>{};
  out.begin("source_held", MetricType::Gauge, "1 while this process consumes the source.");
  for (const auto& one : sources) out.add({{"source", one.name}}, std::uint64_t{one.held});
  out.begin("source_up", MetricType::Gauge, "1 while the source can be read.");
  for (const auto& one : sources) out.add({{"source", one.name}}, std::uint64_t{one.up});
  out.begin("source_events_total", MetricType::Counter, "Change events taken from each source.");
  for (const auto& one : sources) out.add({{"source", one.name}}, one.applied);
}

void add_warming(page& out, const service& on) {
  const auto warmed = on.parts.warmer != nullptr ? on.parts.warmer->totals() : warming::warming_totals{};
  out.begin("warm_jobs_running", MetricType::Gauge, "Warming jobs that this process runs now.");
  out.add({}, warmed.running);
  out.begin("warm_entries_total", MetricType::Counter, "Entries that warming jobs looked at, by result.");
  out.add({{"result", "loaded"}}, warmed.loaded);
  out.add({{"result", "already_warm"}}, warmed.already_warm);
  out.add({{"result", "failed"}}, warmed.failed);
  out.begin("warm_hits_total", MetricType::Counter, "Warmed entries that were hit here, each once.");
  out.add({}, warmed.hit_later);
}

void add_schedules(page& out, const service& on) {
  out.begin("schedule_next_run_seconds", MetricType::Gauge,
            "When each schedule runs next, in Unix time; none for those that an event starts.");
  if (!on.parts.schedules) return;
  for (const auto& one : on.parts.schedules()) {
    if (!one.next) continue;
    out.add({{"schedule", one.name}}, std::chrono::duration<double>(one.next->time_since_epoch()).count());
  }
}

void add_requests(page& out, const service& on) {
  constexpr std::array<const char*, request_metrics::classes> classes{"1xx", "2xx", "3xx", "4xx", "5xx"};
  out.begin("http_requests_total", MetricType::Counter, "Requests answered by route and class of status.");
  for (std::size_t i = 0; i < request_metrics::endpoints; ++i) {
    const auto to = static_cast<endpoint>(i);
    for (std::size_t status = 2; status <= classes.size(); ++status)
      out.add({{"route", std::string{name(to)}}, {"status", classes[status - 1]}},
              on.metrics.answered(to, status));
  }
  out.begin("http_request_duration_seconds", MetricType::Histogram,
            "From the last byte of a request read to its answer being written.");
  for (std::size_t i = 0; i < request_metrics::endpoints; ++i) {
    const auto to = static_cast<endpoint>(i);
    out.add({{"route", std::string{name(to)}}}, on.metrics.durations(to));
  }
  out.begin("event_loop_lag_seconds", MetricType::Histogram,
            "How late event loops come to what is due, sampled: what every request waits beforehand.");
  out.add({}, on.loop_lag.read());
  out.begin("connections", MetricType::Gauge, "Connections open now.");
  out.add({}, std::uint64_t{on.connections.load()});
  out.begin("connections_accepted_total", MetricType::Counter, "Connections taken.");
  out.add({}, on.connections_accepted.load());
  out.begin("connections_refused_total", MetricType::Counter, "Connections over max_connections.");
  out.add({}, on.connections_refused.load());
}

void add_process(page& out, const service& on) {
  out.begin("l2_up", MetricType::Gauge, "1 when Redis is reached, 0 when it is down or disabled.");
  out.add({}, std::uint64_t{on.cache.l2_health().now == l2_cache::health::state::up});
  out.begin("build_info", MetricType::Gauge, "Always 1; the version is in the label.");
  out.add({{"version", on.options.version}}, std::uint64_t{1});
  out.begin("start_time_seconds", MetricType::Gauge, "When the process started, in Unix time.");
  out.add({}, std::chrono::duration<double>(on.started_wall.time_since_epoch()).count());
}

}  // namespace

answer show_metrics(const service& on) {
  const auto now = on.cache.stats();
  page all;
  add_tiers(all, now);
  add_rejections(all, now);
  add_fleet(all, on, now);
  add_loads(all, on, now);
  add_inspections(all, now);
  add_events(all, on);
  add_warming(all, on);
  add_schedules(all, on);
  add_requests(all, on);
  add_process(all, on);
  answer out{.content_type = "text/plain; version=0.0.4; charset=utf-8"};
  out.text = std::move(all).text();
  return out;
}

}  // namespace ctxcache::http
