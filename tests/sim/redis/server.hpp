#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/l2_cache.hpp"
#include "ctxcache/log_store.hpp"
#include "support/virtual_time.hpp"

namespace ctxcache::sim {

/// What a Redis server keeps: the fleet's log and the values of L2.
struct dataset {
  bool has_meta = false;
  std::uint64_t history = 0;  ///< the replication id under which the epoch was begun
  position last;
  fleet_constants constants;
  bool epoch_is_old = false;  ///< as a member has found
  std::deque<log_message> log;
  std::map<std::string, log_store::member> members;

  struct value {
    std::string bytes;
    position stamp;
    time_point expires_at;
  };
  std::map<std::string, value> values;
};

/// A simulated Redis: what the scripts of the log and of L2 do, replication to one replica, and loss of
/// data. Time is virtual; faults of the way there are the wire's.
class server : public std::enable_shared_from_this<server> {
 public:
  explicit server(dataset data = {});

  // The scripts and commands. Callers come one at a time, as in Redis.
  struct caller {
    std::uint64_t nonce = 0;  ///< of the epoch that it would begin
    fleet_constants constants;
  };
  position publish(log_record said, const caller& by, std::size_t most);
  log_store::beat_answer heartbeat(const log_store::beat& mine, const caller& by);
  bool remove(const std::string& id, std::optional<std::uint64_t> count);
  [[nodiscard]] std::vector<log_message> read(std::uint64_t after, std::size_t most) const;
  [[nodiscard]] std::uint64_t first_retained() const;
  [[nodiscard]] log_store::members registered() const;
  /// Calls back with what is behind `after` once there is something, or after `wait`.
  void tail(std::uint64_t after, std::chrono::milliseconds wait,
            std::function<void(std::vector<log_message>)> answer);
  /// Calls back with how many replicas have everything up to `offset`: when that are as many as wanted, or
  /// after `wait`.
  void wait(std::uint64_t offset, std::uint64_t replicas, boot_clock::duration wait,
            std::function<void(std::uint64_t)> answer);
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] std::uint64_t replicas() const { return replica_ ? 1 : 0; }

  [[nodiscard]] const dataset::value* find(const std::string& key) const;
  bool put(const std::string& key, dataset::value one);
  bool unlink(const std::string& key, const position& before);

  // Its days.
  [[nodiscard]] bool up() const { return up_; }
  void flush();
  void evict_log();
  void evict_meta();
  void evict_values();
  /// Goes down; what waits for an answer gets none.
  void stop();
  /// Comes back with this data, which may be older, and with a new replication id.
  void restart(dataset with);
  [[nodiscard]] const dataset& data() const { return data_; }

  /// A replica that gets every write after about `lag`; it begins with what is here now.
  void attach_replica(boot_clock::duration lag);
  /// While it is held it gets nothing, and acknowledges nothing.
  void hold_replication(bool held);
  /// What the replica has by now, which then is none any more.
  [[nodiscard]] dataset promote_replica();

 private:
  using effect = std::function<void(dataset&)>;
  struct replica {
    dataset data;
    boot_clock::duration lag{};
    time_point busy_until{};
    bool held = false;
    std::map<std::uint64_t, effect> backlog;  // by offset
    std::uint64_t acknowledged = 0;
  };
  struct blocked_tail {
    std::uint64_t number;
    std::uint64_t after;
    std::function<void(std::vector<log_message>)> answer;
  };
  struct blocked_wait {
    std::uint64_t number;
    std::uint64_t offset;
    std::function<void(std::uint64_t)> answer;
  };

  void check(const caller& by);
  void write(effect what);
  void replicate();
  void wake_tails();
  void wake_waits();
  static test::virtual_time& time() { return test::virtual_time::now_running(); }

  dataset data_;
  std::uint64_t history_;
  bool up_ = true;
  std::uint64_t offset_ = 0;
  std::uint64_t blocked_ = 0;  // ever
  std::shared_ptr<replica> replica_;
  std::vector<blocked_tail> tails_;
  std::vector<blocked_wait> waits_;
};

}  // namespace ctxcache::sim
