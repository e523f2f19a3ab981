#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/backends.hpp"
#include "redis/redis_fixture.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {

/// For tests: logs over whatever a URL names, stopped in the end.
struct log_fixture : redis_fixture {
  ~log_fixture() override {
    for (const auto& one : stores_) test::run_coroutine(loop_, one->stop());
  }
  log_store& open(const std::string& url, log_store_options options = {}) {
    options.url = url;
    options.reconnect_min = std::chrono::milliseconds{5};
    options.reconnect_max = std::chrono::milliseconds{20};
    stores_.push_back(*make_redis_log_store(loop_.get_executor(), options));
    return *stores_.back();
  }
  static void tell(const test::redis_server& server, const std::vector<std::string>& command) {
    const auto answer = server.command(command);
    EXPECT_FALSE(answer.starts_with("-")) << answer;
  }
  result<position> publish(log_store& where, log_record said = {}) {
    return run(where.publish(std::move(said), soon()));
  }
  result<log_store::beat_answer> beat(log_store& where, std::uint64_t replicas = 0) {
    const log_store::beat one{.member = "m", .applied = {}, .count = 1};
    return run(where.heartbeat(one, replicas, soon()));
  }
  /// Publishes as soon as it can, and only once.
  position published_again(log_store& where) {
    std::optional<position> place;
    EXPECT_TRUE(eventually([&] {
      const auto answer = publish(where);
      if (answer) place = *answer;
      return answer.has_value();
    }));
    return place.value_or(position{});
  }

 private:
  std::vector<std::unique_ptr<log_store>> stores_;
};

}  // namespace ctxcache::redis
