#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/backends.hpp"
#include "ctxcache/l2_cache.hpp"
#include "support/child_process.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::redis {

/// For tests: a loop and an L2 over whatever a URL names.
class redis_fixture : public testing::Test {
 protected:
  static constexpr std::chrono::milliseconds budget{50};  // of one call, as in production

  ~redis_fixture() override { disconnect(); }

  void connect(const std::string& url, std::chrono::milliseconds connect_timeout = std::chrono::seconds{1}) {
    auto made = make_redis_l2(loop_.get_executor(), {.url = url,
                                                     .connect_timeout = connect_timeout,
                                                     .reconnect_min = std::chrono::milliseconds{5},
                                                     .reconnect_max = std::chrono::milliseconds{20}});
    ASSERT_TRUE(made) << made.error().message();
    cache_ = std::move(*made);
  }
  void disconnect() {
    if (cache_) test::run_coroutine(loop_, cache_->stop());
    cache_.reset();
  }

  static time_point now() { return machine_clock().now(); }
  static deadline in(std::chrono::milliseconds after) { return deadline::after(now(), after); }
  static deadline soon() { return in(std::chrono::seconds{10}); }
  static key key_of(const std::string& customer) { return *key::make({customer, "support"}); }
  static entry_ptr value(const std::string& body, position stamp = {1, 1}) {
    auto made = std::make_shared<entry>();
    made->body = body;
    made->etag = etag_of(body);
    made->stamp = stamp;
    made->loaded_at = now();
    made->expires_at = now() + std::chrono::seconds{100};
    return made;
  }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test::run_coroutine(loop_, std::move(work));
  }
  /// Starts a call; its answer appears in what is returned.
  template <class T>
  std::shared_ptr<std::optional<T>> begin(boost::asio::awaitable<T> work) {
    auto answer = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(loop_, std::move(work), [answer](const std::exception_ptr& thrown, T got) {
      EXPECT_EQ(thrown, nullptr);
      answer->emplace(std::move(got));
    });
    return answer;
  }
  /// Runs the loop until `condition` holds.
  bool eventually(const std::function<bool()>& condition) {
    return test::eventually([&] {
      loop_.restart();
      loop_.run_for(std::chrono::milliseconds{2});
      return condition();
    });
  }

  result<l2_cache::hit> get(const std::string& customer, deadline until = soon()) {
    return run(cache_->get(key_of(customer), until));
  }
  result<bool> put(const std::string& customer, const std::string& body, position stamp = {1, 1}) {
    return run(cache_->put(key_of(customer), value(body, stamp), soon()));
  }
  /// Whole again by itself: what is put can be read.
  bool works_again() {
    return eventually([&] {
      const auto stored = put("again", R"({"works":true})");
      if (!stored) return false;
      const auto found = get("again");
      return found && *found && (*found)->body == R"({"works":true})";
    });
  }

  boost::asio::io_context loop_;
  std::unique_ptr<l2_cache> cache_;
};

}  // namespace ctxcache::redis
