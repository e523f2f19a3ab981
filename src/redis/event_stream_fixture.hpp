#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/backends.hpp"
#include "redis/redis_fixture.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {

/// For tests: a stream called `events` in a Redis of its own, and consumers of it, stopped in the end.
struct event_stream_fixture : redis_fixture {
  using texts = std::vector<std::string>;

  explicit event_stream_fixture(texts server_options = {}) : server(std::move(server_options)) {}
  ~event_stream_fixture() override {
    for (const auto& one : sources) run(one->stop());
  }

  change_source& open(change_stream_options options = {}) {
    options.url = server.url();
    options.stream = "events";
    if (options.consumer.empty()) options.consumer = "one";
    options.reconnect_min = std::chrono::milliseconds{5};
    options.reconnect_max = std::chrono::milliseconds{20};
    sources.push_back(*make_redis_change_stream(loop_.get_executor(), options));
    return *sources.back();
  }
  change_source& open(const std::string& consumer, std::chrono::milliseconds take_over_after) {
    return open({.consumer = consumer, .take_over_after = take_over_after});
  }
  void tell(const texts& command) {
    const auto answer = server.command(command);
    EXPECT_FALSE(answer.starts_with("-")) << answer;
  }
  std::string add(const std::string& customer) {
    return server.command({"XADD", "events", "*", "type", "plan.changed", "customer_id", customer});
  }
  /// Waits for a batch that is not empty.
  change_source::batch next(change_source& from) {
    std::optional<change_source::batch> found;
    EXPECT_TRUE(eventually([&] {
      auto some = run(from.next(in(std::chrono::milliseconds{1})));
      if (some && !some->changes.empty()) found = std::move(*some);
      return found.has_value();
    }));
    return found.value_or(change_source::batch{});
  }
  change_source::batch next_and_confirm(change_source& from) {
    auto found = next(from);
    confirm(from, found);
    return found;
  }
  void confirm(change_source& from, const change_source::batch& done) {
    const auto confirmed = run(from.confirm(done.upto, soon()));
    EXPECT_TRUE(confirmed) << confirmed.error().message();
  }
  bool nothing_comes(change_source& from, std::chrono::milliseconds within = std::chrono::milliseconds{1}) {
    const auto found = run(from.next(in(within)));
    EXPECT_TRUE(found) << found.error().message();
    return found && found->changes.empty();
  }
  static texts customers(const change_source::batch& all) {
    texts found;
    for (const auto& one : all.changes) {
      const auto begin = one.document.find("customer_id\":\"") + 14;
      found.push_back(one.document.substr(begin, one.document.find('"', begin) - begin));
    }
    return found;
  }
  std::string pending() { return server.command({"XPENDING", "events", "ctxcache"}); }

  test::redis_server server;
  std::vector<std::unique_ptr<change_source>> sources;
};

}  // namespace ctxcache::redis
