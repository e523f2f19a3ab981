// GET /api/v1/health, /livez (and its old name /healthz), /readyz.
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "base/timestamp.hpp"
#include "http/handlers.hpp"

namespace ctxcache::http {

namespace json = boost::json;

namespace {

[[nodiscard]] std::string_view name(l2_cache::health::state now) {
  switch (now) {
    case l2_cache::health::state::disabled:
      return "disabled";
    case l2_cache::health::state::up:
      return "up";
    case l2_cache::health::state::down:
      return "down";
  }
  return "";
}

[[nodiscard]] answer plain_text(int status, std::string_view text) {
  answer out{.status = status, .content_type = "text/plain; charset=utf-8"};
  out.text = text;
  out.add("Cache-Control", "no-store");
  return out;
}

[[nodiscard]] json::object to_json(const fleet_report& fleet) {
  if (!fleet.shared) return {{"status", "disabled"}};
  const bool up = fleet.joined && fleet.licensed;
  return {{"status", up ? "up" : "down"}, {"member", fleet.member}, {"joined", fleet.joined},
          {"licensed", fleet.licensed},   {"queued", fleet.queued}, {"detail", fleet.refusal}};
}

// Whatever is down among them makes the whole degraded.
struct list_of_parts {
  json::object all;
  bool whole = true;
};

[[nodiscard]] list_of_parts providers_of(const service& on) {
  list_of_parts out;
  if (!on.parts.providers) return out;
  for (const auto& [provider, health] : on.parts.providers()) {
    out.whole = out.whole && health.up;
    out.all[provider] = {{"status", health.up ? "up" : "down"}, {"detail", health.detail}};
  }
  return out;
}

[[nodiscard]] list_of_parts sources_of(const service& on) {
  list_of_parts out;
  if (!on.parts.sources) return out;
  for (const auto& one : on.parts.sources()) {
    out.whole = out.whole && one.up;
    out.all[one.name] = {{"status", one.up ? "up" : "down"},
                         {"detail", one.detail},
                         {"held", one.held},
                         {"applied", one.applied}};
  }
  return out;
}

[[nodiscard]] json::object schedules_of(const service& on) {
  json::object out;
  if (!on.parts.schedules) return out;
  for (const auto& one : on.parts.schedules()) {
    const auto next = one.next ? json::value(timestamp(*one.next)) : json::value(nullptr);
    out[one.name] = {{"status", one.up ? "up" : "down"}, {"next", next}, {"detail", one.detail}};
  }
  return out;
}

}  // namespace

answer show_health(const service& on, const call& one) {
  const auto stats = on.cache.stats();
  const auto l2 = on.cache.l2_health();
  const auto fleet = on.cache.fleet();
  const auto providers = providers_of(on);
  const auto sources = sources_of(on);
  const bool whole = l2.now != l2_cache::health::state::down && fleet.joined && fleet.licensed &&
                     providers.whole && sources.whole;
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(one.now - on.started_at);
  const json::object body{{"status", whole ? "ok" : "degraded"},
                          {"version", on.options.version},
                          {"uptime_s", uptime.count()},
                          {"parts",
                           {{"l1",
                             {{"status", on.cache.settings().enable_l1_cache ? "up" : "disabled"},
                              {"items", stats.l1_size},
                              {"bytes", stats.l1_bytes}}},
                            {"l2", {{"status", name(l2.now)}, {"detail", l2.detail}}},
                            {"fleet", to_json(fleet)},
                            {"providers", providers.all},
                            {"sources", sources.all},
                            {"schedules", schedules_of(on)}}}};
  answer out;
  out.text = json::serialize(body);
  out.add("Cache-Control", "no-store");
  return out;
}

answer show_live(const service& on, const call& one) {
  constexpr std::chrono::seconds beat_age_max{5};
  const auto turns = [&](const std::atomic<time_point::rep>& beat) {
    const time_point last{boot_clock::duration{beat.load(std::memory_order_relaxed)}};
    return one.now - last <= beat_age_max + on.options.sweep_interval;
  };
  if (!std::ranges::all_of(on.beats, turns)) return plain_text(503, "a loop has stopped turning\n");
  return plain_text(200, "ok\n");
}

answer show_ready(const service& on, const call&) {
  // Redis or a provider being down does not unready us: we serve what we have.
  if (on.draining.load()) return plain_text(503, "draining\n");
  return plain_text(200, "ok\n");
}

}  // namespace ctxcache::http
