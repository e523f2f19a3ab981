#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon.hpp"
#include "exit_code.hpp"

namespace ctxcache::client {

/// The key a verb is about, as typed.
struct key_options {
  std::string customer_id;
  std::string agent_type;
  std::optional<std::string> conversation_id;

  [[nodiscard]] key_ids ids() const { return {customer_id, agent_type, conversation_id}; }
};

struct get_options {
  key_options key;
  bool no_cache = false;
  bool only_if_cached = false;
  std::optional<std::uint32_t> max_age;  ///< seconds
  bool strict = false;
  std::optional<std::string> min_position;
  bool include_headers = false;
};
[[nodiscard]] exit_code get(const daemon& from, const get_options& how);

struct put_options {
  key_options key;
  std::string file = "-";
};
[[nodiscard]] exit_code put(const daemon& to, const put_options& how);

[[nodiscard]] exit_code show_stats(const daemon& of);

struct top_options {
  bool once = false;
};
[[nodiscard]] exit_code top(const daemon& of, const top_options& how);

/// Exactly one of customer_id, all, pattern and file is given.
struct invalidate_options {
  std::optional<std::string> customer_id;
  std::optional<std::string> agent_type;
  std::optional<std::string> conversation_id;
  bool all = false;
  std::optional<std::string> pattern;
  std::optional<std::string> file;
  std::string reason;
  bool dry_run = false;
  bool fence = false;
  bool yes = false;
};
[[nodiscard]] exit_code invalidate(const daemon& at, const invalidate_options& how);
/// `--file`: many customers, of which some may fail.
[[nodiscard]] exit_code invalidate_file(const daemon& at, const invalidate_options& how);

struct invalidations_options {
  bool follow = false;
  std::optional<std::string> after;  ///< a position
};
/// What was invalidated, a line each.
[[nodiscard]] exit_code invalidations(const daemon& of, const invalidations_options& how);

struct events_options {
  bool follow = false;
  bool dead = false;  ///< those that could not be applied
};
/// What became of change events, a line each.
[[nodiscard]] exit_code list_events(const daemon& of, const events_options& how);

/// One of them.
struct replay_options {
  std::optional<std::string> number;
  bool all = false;
};
[[nodiscard]] exit_code replay_events(const daemon& at, const replay_options& how);

/// Exactly one of segments, customer_ids and file is given.
struct warm_options {
  std::vector<std::string> segments;
  std::vector<std::string> customer_ids;
  std::optional<std::string> file;
  std::vector<std::string> agent_types;
  bool refresh = false;
  std::optional<std::string> hold;  ///< a duration, as typed
  std::optional<std::uint32_t> concurrency;
  std::optional<double> loads_per_second;
  bool detach = false;
};
/// Orders it, and follows it to its end.
[[nodiscard]] exit_code warm(const daemon& at, const warm_options& how);
[[nodiscard]] exit_code show_warm_runs(const daemon& of);
[[nodiscard]] exit_code show_warm_job(const daemon& of, const std::string& job);
[[nodiscard]] exit_code cancel_warm_job(const daemon& at, const std::string& job);

[[nodiscard]] exit_code explain(const daemon& at, const key_options& key);
[[nodiscard]] exit_code show_health(const daemon& of);

struct config_options {
  std::optional<std::string> file;
  bool as_json = false;
};
[[nodiscard]] exit_code check_config(const config_options& how);
[[nodiscard]] exit_code show_config(const config_options& how);

}  // namespace ctxcache::client
