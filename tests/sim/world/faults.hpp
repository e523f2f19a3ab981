#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "world/world.hpp"

namespace ctxcache::sim {

/// What goes wrong on a day, two things at a time; each ends by itself.
class faults {
 public:
  faults(world& in, time_point until) : world_(in), until_(until) {}

  void begin();

 private:
  boost::asio::awaitable<void> keep_failing();
  boost::asio::awaitable<void> cut_off();
  boost::asio::awaitable<void> break_connections();
  boost::asio::awaitable<void> pause();
  boost::asio::awaitable<void> choke();
  boost::asio::awaitable<void> restart_daemon();
  boost::asio::awaitable<void> lose_data();
  boost::asio::awaitable<void> restart_redis();
  boost::asio::awaitable<void> fail_over();
  boost::asio::awaitable<void> hold_replication();
  boost::asio::awaitable<void> trouble_providers();
  boost::asio::awaitable<void> trouble_disks();
  [[nodiscard]] boot_clock::duration some_time();
  void note(const std::string& kind, history::instant from);

  world& world_;
  const time_point until_;
  bool redis_troubled_ = false;  // one of Redis' own faults at a time
  bool disks_troubled_ = false;
};

}  // namespace ctxcache::sim
