#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/key.hpp"
#include "ctxcache/position.hpp"

namespace ctxcache::history {

/// Microseconds of the one clock of a history.
using instant = std::int64_t;

/// From before the first byte was sent to after the last was read.
struct interval {
  instant invoked = 0;
  instant answered = 0;
};

struct constants {
  std::chrono::milliseconds licence{0};
  std::chrono::milliseconds grace{0};
  std::chrono::milliseconds own_loads{0};
  std::chrono::milliseconds l2_ttl{0};
  std::chrono::milliseconds load_deadline{0};
  bool wait_all = true;  ///< R is the number of all replicas
};

/// `answered` is absent when it may or may not have happened.
struct commit {
  std::string customer;
  std::uint64_t version = 0;
  instant invoked = 0;
  std::optional<instant> answered;
};

/// POST invalidate, or the invalidation that a PUT is.
struct invalidation {
  scope what = scope::everything();
  std::map<std::string, std::uint64_t> versions;  ///< committed before, by customer
  bool fence = false;
  int status = 0;  ///< 0: no answer
  std::optional<position> at;
  bool confirmed = false;
  bool queued = false;
  std::string process;
  interval when;
};

struct put {
  key where;
  std::uint64_t version = 0;
  int status = 0;  ///< 0: no answer
  std::optional<position> at;
  bool queued = false;
  std::string process;
  interval when;
};

struct read {
  key wanted;
  std::string process;
  int status = 0;
  std::optional<std::uint64_t> version;
  std::string source;
  std::optional<position> min_position;
  bool strict = false;
  bool bypass = false;        ///< no-cache or no-store
  std::string body_customer;  ///< as the body names them; empty: not looked at
  std::string body_agent_type;
  interval when;
};

struct load {
  key wanted;
  std::string process;
  std::uint64_t version = 0;
  interval when;
};

struct fault {
  std::string kind;
  instant from = 0;
  instant to = 0;
};

/// What happened in a run (HISTORY.md).
struct history {
  constants bounds;
  std::vector<commit> commits;
  std::vector<invalidation> invalidations;
  std::vector<put> puts;
  std::vector<read> reads;
  std::vector<load> loads;
  std::vector<fault> faults;
};

}  // namespace ctxcache::history
