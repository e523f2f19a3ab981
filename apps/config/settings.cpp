#include "config/settings.hpp"

#include <algorithm>

namespace ctxcache::config {
namespace {

using c = cache_settings;
using d = daemon_config;
using f = fleet_settings;
using k = fleet_constants;
using w = warming_config;
using i = intake_config;

constexpr bounds zero_allowed{0, any_duration.most};
constexpr bounds items{1, 100'000'000};
constexpr bounds memory{1, std::int64_t{1} << 46};
constexpr bounds up_to_a_minute{0, 60'000};
constexpr bounds body{1, std::int64_t{16} << 20};  // the largest body a tier stores

constexpr setting all[] = {
    {"profile",
     kind::choice,
     &d::profile,
     true,
     "Sets `l1_cache_max_size`, unless that is set itself, to 500 (`dev`), 1000 (`staging`) or 5000 "
     "(`production`).",
     {},
     {"dev", "staging", "production"}},
    {"enable_l1_cache", kind::truth, &c::enable_l1_cache, false,
     "Keeps contexts in the memory of the process."},
    {"l1_cache_ttl", kind::duration, &c::l1_cache_ttl, true, "How long L1 serves a context.", any_duration},
    {"l1_cache_max_size", kind::count, &c::l1_cache_max_size, true,
     "The most contexts in L1; over it, the least recently used goes.", items},
    {"l1_cache_max_bytes", kind::bytes, &c::l1_cache_max_bytes, true,
     "The most memory of L1, bookkeeping included.", memory},
    {"enable_l2_cache", kind::truth, &c::enable_l2_cache, false, "Shares contexts through Redis."},
    {"l2_cache_ttl", kind::duration, &c::l2_cache_ttl, true, "How long Redis keeps a context.", any_duration},
    {"redis_url", kind::url, &d::redis_url, false,
     "Where Redis is: `redis://[user:password@]host[:port][/database]`. `${NAME}` is replaced."},
    {"l2_budget", kind::duration, &c::l2_budget, true, "The longest a request waits for Redis, in all.",
     any_duration},
    {"load_timeout", kind::duration, &c::load_timeout, true, "The longest that loading a context may take.",
     any_duration},
    {"max_concurrent_loads",
     kind::count,
     &c::max_concurrent_loads,
     true,
     "The most loads at a time; 16 times as many wait, those with the most readers first; the rest is "
     "answered 503.",
     {1, 1'000'000}},
    {"partial_ttl", kind::duration, &c::partial_ttl, true,
     "How long a context is kept in which an optional section failed.", any_duration},
    {"negative_ttl", kind::duration, &c::negative_ttl, true, "How long an unknown customer is remembered.",
     any_duration},
    {"negative_max_size", kind::count, &c::negative_max_size, true,
     "The most unknown customers remembered at a time.", items},
    {"stale_grace", kind::duration, &c::stale_grace, true,
     "How long past its life a context may stand in for a provider that is down; 0: never.", zero_allowed},
    {"inspect", kind::fraction, &c::inspect, true,
     "The fraction of the hits, 0 to 1, that is compared with what the providers say, in the background."},
    {"agent_types", kind::list, &c::agent_types, false, "The agent types there are."},
    {"listen", kind::text, &d::listen, false,
     "Address and port to listen on: `127.0.0.1:8000`, `[::1]:8000`."},
    {"allow_remote", kind::truth, &d::allow_remote, false,
     "Lets `listen` name an address that other machines reach. There is no authentication yet."},
    {"threads", kind::count, &d::threads, false, "Event loops; 0: one for each core.", {0, 1'024}},
    {"request_timeout", kind::duration, &d::request_timeout, false, "The longest a request may take, in all.",
     any_duration},
    {"header_timeout", kind::duration, &d::header_timeout, false,
     "How long a client may take to send a request.", any_duration},
    {"idle_timeout", kind::duration, &d::idle_timeout, false,
     "How long a connection may stay open between requests.", any_duration},
    {"drain_timeout", kind::duration, &d::drain_timeout, false,
     "How long requests under way may take to end after SIGTERM.", zero_allowed},
    {"max_body_bytes", kind::bytes, &d::max_body_bytes, false, "The largest body of a request.", body},
    {"max_connections",
     kind::count,
     &d::max_connections,
     false,
     "The most connections at a time.",
     {1, 1'000'000}},
    {"log_level",
     kind::choice,
     &d::log_level,
     true,
     "The least that is logged: `trace`, `debug`, `info`, `warn`, `error` or `off`.",
     {},
     {"trace", "debug", "info", "warn", "error", "off"}},
    {"log_format",
     kind::choice,
     &d::log_format,
     true,
     "How it is logged: `text` or `json`.",
     {},
     {"text", "json"}},
    {"log_customer_ids", kind::truth, &d::log_customer_ids, true,
     "Logs customers by their ids instead of hashes of them."},
    {"coherence.licence",
     kind::duration,
     &k::licence,
     false,
     "How long an answer of the log lets a process serve what is cached; it asks every quarter of that.",
     {100, 60'000}},
    {"coherence.grace",
     kind::duration,
     &k::grace,
     false,
     "How much longer it may when no answer comes.",
     {0, 600'000}},
    {"coherence.own_loads",
     kind::duration,
     &k::own_loads,
     false,
     "How long after its licence a process may serve what it loaded itself less than the grace ago.",
     {0, 3'600'000}},
    {"coherence.load_deadline", kind::duration, &k::load_deadline, false,
     "What takes longer to load is not kept; at least `load_timeout`.", any_duration},
    {"coherence.replicas",
     kind::count,
     &f::replicas,
     false,
     "How many replicas of Redis must have an invalidation before it counts.",
     {0, 16}},
    {"coherence.log_max_messages",
     kind::count,
     &d::log_max_messages,
     false,
     "About how many invalidations the log retains.",
     {1'000, 10'000'000}},
    {"coherence.table_slots",
     kind::count,
     &f::table_slots,
     false,
     "Size of the table of invalidated scopes: a power of two, 8 bytes each; too small costs misses.",
     {1 << 10, 1 << 26}},
    {"coherence.consistency",
     kind::choice,
     &f::strict,
     false,
     "`bounded`, or `strict`: nothing cached is served without a licence, no grace, no own loads.",
     {},
     {"bounded", "strict"}},
    {"coherence.poll", kind::duration, &d::log_poll, false,
     "How often the log is read; 0: at once, by a read that waits.", up_to_a_minute},
    {"coherence.journal", kind::path, &f::journal_path, false,
     "File in which invalidations wait while Redis is away; without one they are refused then."},
    {"coherence.journal_max_bytes",
     kind::bytes,
     &f::journal_max_bytes,
     false,
     "The largest journal; over it, invalidations are refused.",
     {64 << 10, 1 << 30}},
    {"warming.concurrency",
     kind::count,
     &w::concurrency,
     false,
     "The most loads at a time of a warming job.",
     {1, 1'024}},
    {"warming.loads_per_second",
     kind::number,
     &w::loads_per_second,
     false,
     "The most loads a second of a warming job; 0: as many as `warming.concurrency` allows.",
     {0, 1'000'000}},
    {"warming.slow_above", kind::duration, &w::slow_above, false,
     "Live p99 over which warming backs off where nobody read in the 30 s before; else the limit is a "
     "quarter over what it was then, and at least 0.5 ms.",
     any_duration},
    {"warming.expires_within", kind::duration, &w::expires_within, false,
     "What is warm, but expires within that (half its life at most), is loaded again.", zero_allowed},
    {"warming.warm_start_budget", kind::duration, &w::warm_start_budget, false,
     "The longest a start may take to read the hottest keys of before from Redis; 0: it reads none.",
     up_to_a_minute},
    {"warming.hot_keys",
     kind::count,
     &w::hot_keys,
     false,
     "How many of the hottest keys are remembered for the next start; 0: none.",
     {0, 100'000}},
    {"intake.default_rules", kind::truth, &i::default_rules, false,
     "Whether the rules for events below hold where no `[event]` of the file does."},
    {"intake.dedupe_window",
     kind::duration,
     &i::dedupe_window,
     false,
     "How long an event's id is remembered, so that it takes effect once; 0: not at all.",
     {0, 86'400'000}},
    {"intake.merge_window",
     kind::duration,
     &i::merge_window,
     false,
     "Events for one scope within that are one invalidation; 0: each is its own.",
     {0, 1'000}},
    {"intake.dead_letters_max",
     kind::count,
     &i::dead_letters_max,
     false,
     "How many events that could not be applied are kept.",
     {1, 100'000}},
};

}  // namespace

std::span<const setting> settings() {
  return all;
}

const setting* find_setting(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(all), std::end(all), [&](const setting& one) { return one.name == name; });
  return found == std::end(all) ? nullptr : found;
}

std::size_t index(const setting& one) {
  return static_cast<std::size_t>(&one - std::begin(all));
}

std::string_view table_of(const setting& one) {
  const auto dot = one.name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : one.name.substr(0, dot);
}

std::string_view key_of(const setting& one) {
  return one.name.substr(one.name.find('.') + 1);
}

std::string environment_name(const setting& one) {
  std::string made = "CTXCACHE_";
  for (const char letter : one.name)
    made += letter >= 'a' && letter <= 'z' ? char(letter - 'a' + 'A') : letter;
  std::replace(made.begin(), made.end(), '.', '_');
  return made;
}

std::string flag_name(const setting& one) {
  std::string made = "--" + std::string{one.name};
  std::replace_if(
      made.begin(), made.end(), [](char letter) { return letter == '_' || letter == '.'; }, '-');
  return made;
}

std::vector<std::string_view> choices_of(const setting& one) {
  std::vector<std::string_view> made{one.choices.begin(), one.choices.end()};
  std::erase(made, std::string_view{});
  return made;
}

std::vector<std::string> needing_restart(const daemon_config& running, const daemon_config& wanted) {
  std::vector<std::string> names;
  for (const auto& one : all) {
    if (!one.reloadable && differs(running, wanted, one)) names.emplace_back(one.name);
  }
  if (running.providers != wanted.providers) names.emplace_back("provider");
  if (running.sections != wanted.sections) names.emplace_back("section");
  if (running.segments != wanted.segments) names.emplace_back("segment");
  if (running.event_rules != wanted.event_rules) names.emplace_back("event");
  if (running.schedules != wanted.schedules) names.emplace_back("schedule");
  if (running.signatures != wanted.signatures) names.emplace_back("signature");
  if (running.change_sources != wanted.change_sources) names.emplace_back("source");
  return names;
}

}  // namespace ctxcache::config
