#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdint>

#include "support/virtual_time.hpp"

namespace ctxcache::sim {

/// For tests that run one loop themselves: virtual time goes on whenever the loop has nothing else to do.
class ticking_loop {
 public:
  explicit ticking_loop(std::uint64_t seed = 1) {
    test::virtual_time::now_running().begin(seed);
    tick();
  }
  boost::asio::io_context& loop() { return loop_; }

 private:
  void tick() {
    boost::asio::post(loop_, [this] {
      auto& time = test::virtual_time::now_running();
      if (const auto next = time.next()) static_cast<void>(time.step(*next));
      tick();
    });
  }

  boost::asio::io_context loop_{1};
};

}  // namespace ctxcache::sim
