#include "config/checks.hpp"

#include <algorithm>
#include <bit>
#include <set>

#include "config/settings.hpp"
#include "config/units.hpp"
#include "ctxcache/key.hpp"
#include "model/glob.hpp"

namespace ctxcache::config {
namespace {

class checker {
 public:
  checker(loaded& made, const std::vector<place>& origins) : made_(made), origins_(origins) {}

  void run() {
    check_listen();
    check_redis_url();
    check_agent_types();
    check_tiers();
    check_times();
    check_coherence();
    check_sources();
  }

 private:
  [[nodiscard]] bool is_set(std::string_view name) const {
    return !origins_[index(*find_setting(name))].source.empty();
  }
  [[nodiscard]] place where(std::string_view name) const {
    const auto& at = origins_[index(*find_setting(name))];
    return at.source.empty() ? place{"default " + std::string{name}} : at;
  }
  void error(std::string_view name, std::string message) {
    made_.errors.push_back({where(name), std::string{name} + ": " + std::move(message)});
  }
  void warn(std::string_view name, std::string message) {
    made_.warnings.push_back({where(name), std::string{name} + ": " + std::move(message)});
  }

  void check_listen() {
    const auto& config = made_.config;
    const auto to = parse_endpoint(config.listen);
    if (!to) {
      error("listen", "expected ADDRESS:PORT such as \"127.0.0.1:8000\" or \"[::1]:8000\", got \"" +
                          config.listen + "\"");
    } else if (!to->loopback && !config.allow_remote) {
      error("listen", config.listen +
                          " can be reached by other machines, and there is no authentication yet; set "
                          "allow_remote = true if the network keeps strangers out");
    }
  }

  // The value may hold a password: it is not repeated.
  void check_redis_url() {
    constexpr std::string_view scheme = "redis://";
    const auto& url = made_.config.redis_url;
    if (url.starts_with(scheme) && url.size() > scheme.size()) return;
    error("redis_url", "expected redis://[user:password@]host[:port][/database]");
  }

  void check_agent_types() {
    static const std::set<std::string_view> words{"stats",   "invalidate",    "warm",
                                                  "entries", "invalidations", "fences"};
    std::set<std::string_view> seen;
    for (const auto& name : made_.config.cache.agent_types) {
      if (words.contains(name)) {
        error("agent_types", "\"" + name + "\" is a word of the HTTP API, and cannot name an agent type");
      } else if (!key::make({.customer_id = "c", .agent_type = name})) {
        error("agent_types", "\"" + name + "\" is not a name: 1 to 128 bytes of UTF-8");
      } else if (!seen.insert(name).second) {
        error("agent_types", "\"" + name + "\" is named twice");
      }
    }
    if (made_.config.cache.agent_types.empty()) error("agent_types", "must name at least one");
  }

  void check_tiers() {
    const auto& cache = made_.config.cache;
    if (!cache.enable_l1_cache && !cache.enable_l2_cache) {
      warn("enable_l1_cache", "both tiers are off: every request asks the providers");
    }
    if (cache.enable_l1_cache && cache.enable_l2_cache && cache.l1_cache_ttl > cache.l2_cache_ttl) {
      warn("l1_cache_ttl", format_duration(cache.l1_cache_ttl) + " is longer than l2_cache_ttl, " +
                               format_duration(cache.l2_cache_ttl) + ", which ends a context's life in both");
    }
  }

  void check_times() {
    const auto& config = made_.config;
    if (config.cache.load_timeout > config.request_timeout) {
      warn("load_timeout", "is longer than request_timeout, which ends the wait before");
    }
    for (const auto& one : config.sections) {
      if (one.timeout <= config.cache.load_timeout) continue;
      made_.warnings.push_back({one.at, "timeout of section \"" + one.name +
                                            "\" is longer than load_timeout, which ends it before"});
    }
  }

  void check_coherence() {
    const auto slots = made_.config.fleet.table_slots;
    if (!std::has_single_bit(slots)) {
      error("coherence.table_slots", "must be a power of two such as " +
                                         std::to_string(std::bit_ceil(slots)) + ", got " +
                                         std::to_string(slots));
    }
    if (made_.config.cache.enable_l2_cache) {
      check_fleet();
    } else {
      check_without_fleet();
    }
  }

  void check_fleet() {
    const auto& config = made_.config;
    const auto longest = config.cache.load_timeout;
    const auto kept = config.fleet.constants.load_deadline;
    if (kept < longest) {
      const bool named = is_set("coherence.load_deadline");
      made_.errors.push_back({where(named ? "coherence.load_deadline" : "load_timeout"),
                              "coherence.load_deadline, " + format_duration(kept) +
                                  ", must not be shorter than load_timeout, " + format_duration(longest) +
                                  ": what takes longer to load is not kept"});
    }
    const auto licence = config.fleet.constants.licence;
    if (config.log_poll > licence / 2) {
      warn("coherence.poll",
           format_duration(config.log_poll) + " is more than half of coherence.licence, " +
               format_duration(licence) +
               ": while there are invalidations, licences end before their successors begin");
    }
    // They acknowledge ten times a second, and a heartbeat waits for them for half a licence at most.
    constexpr std::chrono::milliseconds acknowledged_within{200};
    if (config.fleet.replicas > 0 && licence < 2 * acknowledged_within) {
      warn("coherence.replicas", "replicas take up to " + format_duration(acknowledged_within) +
                                     " to acknowledge: with a coherence.licence below " +
                                     format_duration(2 * acknowledged_within) +
                                     ", licences end before their successors begin");
    }
  }

  // Rule 16: the log is inside the process, which needs its table still.
  void check_without_fleet() {
    for (const auto& one : settings()) {
      if (table_of(one) != "coherence" || key_of(one) == "table_slots" || !is_set(one.name)) continue;
      made_.warnings.push_back(
          {where(one.name), "of [coherence] only table_slots does anything while enable_l2_cache is false"});
      return;
    }
  }

  // What a database says has types of its own, which only the default rules know.
  void check_sources() {
    const auto& config = made_.config;
    if (config.intake.default_rules) return;
    for (const auto& one : config.change_sources) {
      if (one.type == source_kind::redis_stream) continue;
      const std::string_view type =
          one.type == source_kind::postgres_outbox ? "ctxcache.row_changed" : "ctxcache.database_changed";
      const auto fits = [&](const event_rule_config& rule) { return glob_matches(rule.type, type); };
      if (std::ranges::any_of(config.event_rules, fits)) continue;
      made_.warnings.push_back(
          {one.at, "its events are ignored: without intake.default_rules, no [event] is for \"" +
                       std::string{type} + "\""});
    }
  }

  loaded& made_;
  const std::vector<place>& origins_;
};

}  // namespace

void check(loaded& made, const std::vector<place>& origins) {
  checker{made, origins}.run();
}

}  // namespace ctxcache::config
