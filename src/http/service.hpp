#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/deadline.hpp"
#include "ctxcache/orchestrator.hpp"
#include "http/request.hpp"
#include "http/request_metrics.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace ctxcache::http {

/// What all lanes and handlers of a server share.
struct service {
  service(server_options with, orchestrator& behind, server_parts and_parts)
      : options(std::move(with)),
        cache(behind),
        parts(std::move(and_parts)),
        started_at(parts.time->now()),
        started_wall(parts.time->wall()),
        beats(parts.lanes.size()) {
    for (auto& beat : beats) beat.store(started_at.time_since_epoch().count());
  }

  const server_options options;
  orchestrator& cache;
  const server_parts parts;
  const time_point started_at;
  const std::chrono::system_clock::time_point started_wall;
  request_metrics metrics;
  histogram loop_lag;  ///< how late the lanes come to what is due
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::vector<std::atomic<time_point::rep>> beats;  ///< when each lane's sweep last ran
};

/// One request on its way through a handler. It outlives the handler.
struct call {
  const request* from = nullptr;
  route to;
  time_point now;
  deadline until;
};

}  // namespace ctxcache::http
