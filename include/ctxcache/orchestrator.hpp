#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/config.hpp"
#include "ctxcache/deadline.hpp"
#include "ctxcache/entry.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/invalidation_log.hpp"
#include "ctxcache/key.hpp"
#include "ctxcache/l2_cache.hpp"
#include "ctxcache/log_store.hpp"
#include "ctxcache/lookup.hpp"
#include "ctxcache/position.hpp"
#include "ctxcache/provider.hpp"
#include "ctxcache/roll_call.hpp"
#include "ctxcache/stats.hpp"

namespace ctxcache {

/// What an invalidation did.
struct receipt {
  struct fence {
    invalidation_log::fence_report report{};
    std::chrono::milliseconds waited{0};
  };
  position at;  ///< its place in the log; none while queued
  scope what = scope::everything();
  std::size_t matched_l1 = 0;  ///< entries dropped from this process
  std::size_t unlinked_l2 =
      0;                   ///< keys unlinked from Redis before the answer; others follow in the background
  bool l2_reached = true;  ///< false: Redis was down, its copies stay until their TTL, never served here
  bool queued = false;     ///< the log cannot be reached: it waits on disk, and holds in this process only
  std::optional<fence> fenced{};  ///< when a fence was asked for
};

struct put_receipt {
  position at;
  entry_ptr value;
  bool stored_l1 = false;
  bool stored_l2 = false;
  bool queued = false;  ///< the shared log cannot be reached: other processes hear of it later
};

/// What an invalidation would drop; nothing is changed. Both counts take in what is past its life or already
/// invalidated and not yet dropped.
struct preview {
  struct holding {
    std::string member;                  ///< as in the fleet's registry; empty without a shared log
    std::optional<std::size_t> entries;  ///< nullopt: it did not answer in time
  };
  std::vector<holding> l1{};              ///< of each process of the fleet; this one first
  std::size_t matched_l1 = 0;             ///< entries of this process
  std::optional<std::size_t> matched_l2;  ///< keys in Redis; nullopt when it could not be asked
  /// How many keys would have to be loaded again if all of them were read, as far as can be seen: the most
  /// that are in one place; nullopt when Redis could not be asked.
  std::optional<std::size_t> expected_loads;
};

/// How a key is to be made warm. Warming counts as no request: no hit, no miss.
struct warm_options {
  deadline until;
  /// Who is credited when the entry is hit before it expires; run 0: nobody.
  warm_mark credit{};
};

/// One key as the tiers hold it now. Reading it counts as nothing and touches nothing.
struct explanation {
  struct copy {
    entry_ptr value;
    bool valid = false;                      ///< rule 3 lets it be served
    std::chrono::milliseconds remaining{0};  ///< negative: kept only in case a provider fails
  };
  std::optional<copy> l1;
  std::optional<copy> l2;
  std::optional<error_code> l2_error;
  std::optional<position>
      last_invalidated;  ///< newest message that covers the key, as far as the table knows
  bool loading = false;
};

/// The cache: L1, then L2, then the providers, each key loaded once however many ask.
///
///     asio::io_context loop{1};
///     ctxcache::orchestrator::parts parts{.source = source};
///     parts.lanes.push_back({loop.get_executor(), ctxcache::make_null_l2()});
///     ctxcache::orchestrator cache{{.enable_l2_cache = false}, std::move(parts)};
///     const auto wanted = ctxcache::key::make({"cust_123", "support"});
///     const ctxcache::read_options plainly;
///     const auto answer = co_await cache.get(*wanted, plainly);
///
/// Safe to call from every thread unless a function says otherwise. Nothing throws once constructed. A caller
/// that stops waiting cancels nothing that others may be waiting for.
class orchestrator {
 public:
  /// An event loop of one thread and what belongs to it. A key is loaded on the lane its hash names.
  struct lane {
    boost::asio::any_io_executor executor;
    std::unique_ptr<l2_cache> l2;
  };
  struct parts {
    std::vector<lane> lanes;                 ///< at least one
    std::shared_ptr<context_source> source;  ///< not null
    const clock* time = &machine_clock();    ///< outlives the orchestrator
    /// The fleet's log, on the first lane's executor. Without one, invalidations reach this process and L2
    /// only.
    std::unique_ptr<log_store> log = nullptr;
    fleet_settings fleet{};
    /// How the fleet's processes ask each other, on the first lane's executor; for dry runs alone.
    std::unique_ptr<roll_call> roll = nullptr;
  };

  /// Throws boost::system::system_error (errc::invalid_config) for settings that cannot work.
  orchestrator(cache_settings settings, parts with);
  ~orchestrator();
  orchestrator(const orchestrator&) = delete;
  orchestrator& operator=(const orchestrator&) = delete;

  /// Once, before all else when there is a log: until the fleet is joined, nothing cached is served. Waits
  /// for that at most until then. errc::invalid_config when the journal cannot be used: see the log.
  [[nodiscard]] boost::asio::awaitable<result<void>> start(deadline until);

  /// L1 alone: no suspension, no allocation. Counts a hit when it finds a value that may be served, else
  /// nothing: call `get` then, which counts the miss. Wishes to
  /// pass the cache by (no_cache, no_store) are not looked at.
  [[nodiscard]] std::optional<lookup> find(const key_view& wanted, const read_options& options,
                                           time_point now) noexcept;

  /// The whole read path, without the L1 look-up when the caller has just done it (`l1_missed`).
  /// Errors: unknown_agent_type, customer_unknown, not_cached, deadline_exceeded, provider_*, overloaded,
  /// shutting_down.
  [[nodiscard]] boost::asio::awaitable<result<lookup>> get(key wanted, read_options options,
                                                           bool l1_missed = false);

  /// One L2 round trip for all that L1 lacks; answers in the order of the keys, each with its own error.
  [[nodiscard]] boost::asio::awaitable<std::vector<result<lookup>>> get_many(std::vector<key> wanted,
                                                                             read_options options);

  /// Stores a caller's value in both tiers, after invalidating what was there. `document` is a JSON object,
  /// already checked by the caller; it is served byte for byte.
  [[nodiscard]] boost::asio::awaitable<result<put_receipt>> put(key where, std::string document,
                                                                deadline until);

  /// No read that begins in this process after the answer sees what was loaded before the call.
  /// With `fence`, waits until no process serves it either, as long as `until` allows.
  [[nodiscard]] boost::asio::awaitable<result<receipt>> invalidate(invalidation message, deadline until);
  /// The same by ids; absent ones widen the scope.
  [[nodiscard]] boost::asio::awaitable<result<receipt>> invalidate_cache(
      std::string customer_id, std::optional<std::string> agent_type = std::nullopt,
      std::optional<std::string> conversation_id = std::nullopt);
  /// Everything.
  [[nodiscard]] boost::asio::awaitable<result<receipt>> clear();

  /// How far the fence of an earlier invalidation is, without waiting. errc::position_lost: invalidate again.
  [[nodiscard]] boost::asio::awaitable<result<invalidation_log::fence_report>> fence_at(position at,
                                                                                        deadline until);

  /// The invalidations that this process has applied lately, its own too: the oldest `most` of those behind
  /// `after`, or without it the newest. Waits for one to come until then; not at all when that has passed.
  /// The last 1,000 are kept, from joining the fleet on.
  [[nodiscard]] boost::asio::awaitable<applied_page> applied(std::optional<position> after, std::size_t most,
                                                             deadline until);

  /// What `invalidate` would drop. Asks all processes of the fleet, and walks the keys of Redis with SCAN for
  /// scopes that name more than one key.
  [[nodiscard]] boost::asio::awaitable<preview> preview_of(scope what, deadline until);

  [[nodiscard]] boost::asio::awaitable<explanation> explain(key wanted, deadline until);

  /// Which of the keys have nothing to serve in L2 (without L2: in L1) that lives longer than that. One L2
  /// round trip; when L2 cannot be asked, all of them.
  [[nodiscard]] boost::asio::awaitable<std::vector<bool>> cold(std::vector<key> wanted,
                                                               std::chrono::milliseconds expires_within,
                                                               deadline until);
  /// Loads a key whatever the tiers hold, and stores it in L2; in L1 only where that evicts nothing, and as
  /// the first to go. Joins a load under way. Errors: as `get`.
  [[nodiscard]] boost::asio::awaitable<result<void>> warm(key wanted, warm_options options);
  /// Copies from L2 into L1 what may be served, where that evicts nothing: how many. One L2 round trip.
  [[nodiscard]] boost::asio::awaitable<std::size_t> fetch(std::vector<key> wanted, deadline until);
  /// The keys in L1 that were used last, the latest first.
  [[nodiscard]] std::vector<key> hottest(std::size_t most) const;
  /// The warmed entries that were hit here for the first time since the last call.
  [[nodiscard]] std::vector<warm_mark> take_credits();

  [[nodiscard]] stats_snapshot stats() const;
  [[nodiscard]] cache_settings settings() const;
  [[nodiscard]] position at() const noexcept;
  /// How this process stands in its fleet.
  [[nodiscard]] fleet_report fleet() const;
  /// Health of L2 as the lanes see it: the worst of them.
  [[nodiscard]] l2_cache::health l2_health() const;
  /// Loads under way now.
  [[nodiscard]] std::size_t loads_running() const noexcept;
  /// Loads that wait for one of those to end.
  [[nodiscard]] std::size_t loads_waiting() const noexcept;
  [[nodiscard]] bool knows_agent_type(std::string_view name) const noexcept;

  /// Takes new TTLs and sizes; what is already stored keeps its expiry. Lanes, providers and agent types
  /// stay.
  void reconfigure(const cache_settings& settings);

  /// Ends background work and L2 connections: no call may be under way. Call it before destruction.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace ctxcache
