// redis_l2 on bad days of a real server: whatever happens, calls end in time, and service is whole again by
// itself afterwards.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {
namespace {

using state = l2_cache::health::state;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct redis_faults : redis_fixture {
  test::redis_server server;

  void SetUp() override {
    connect(server.url());
    ASSERT_TRUE(get("warm"));
  }
  bool skipped() { return cache_->report().detail.find("skipped") != std::string::npos; }
};

using redis_absent = redis_fixture;

TEST_F(redis_absent, at_start_costs_nothing_and_is_used_once_it_is_there) {
  test::redis_server server;
  server.kill();
  connect(server.url());
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  EXPECT_EQ(put("c", "{}").error(), errc::l2_unavailable);
  EXPECT_EQ(cache_->report().now, state::down);
  EXPECT_NE(cache_->report().detail.find("refused"), std::string::npos) << cache_->report().detail;
  server.start();
  EXPECT_TRUE(works_again());
  EXPECT_EQ(cache_->report().now, state::up);
}

TEST_F(redis_faults, killed_and_started_again_empty) {
  ASSERT_TRUE(*put("c", "{}"));
  server.kill();
  ASSERT_TRUE(eventually([&] { return get("c").has_error(); }));
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  server.start();
  EXPECT_TRUE(works_again());  // the scripts, which it has forgotten, included
  EXPECT_EQ(*get("c"), nullptr);
}

TEST_F(redis_faults, hangs) {
  server.hang();
  std::vector<std::shared_ptr<std::optional<result<l2_cache::hit>>>> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(begin(cache_->get(key_of("c"), in(budget))));
  ASSERT_TRUE(
      eventually([&] { return std::ranges::all_of(answers, [](auto& one) { return one->has_value(); }); }));
  for (const auto& one : answers) EXPECT_EQ((**one).error(), errc::l2_timeout);
  EXPECT_TRUE(skipped());
  EXPECT_EQ(cache_->report().now, state::down);
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  server.resume();
  EXPECT_TRUE(works_again());
  EXPECT_FALSE(skipped());
}

TEST_F(redis_faults, hangs_for_one_caller_and_the_others_in_flight_are_let_go) {
  server.hang();
  const auto hasty = begin(cache_->get(key_of("a"), in(budget)));
  const auto patient = begin(cache_->get(key_of("b"), in(seconds{60})));
  ASSERT_TRUE(eventually([&] { return hasty->has_value() && patient->has_value(); }));
  EXPECT_EQ((**hasty).error(), errc::l2_timeout);
  EXPECT_EQ((**patient).error(), errc::l2_unavailable);
  server.resume();
  EXPECT_TRUE(works_again());
}

TEST_F(redis_faults, a_caller_that_gives_up_takes_the_connection_with_it) {
  server.hang();
  boost::asio::cancellation_signal give_up;
  bool ended = false;
  boost::asio::co_spawn(
      loop_, cache_->get(key_of("a"), in(seconds{60})),
      boost::asio::bind_cancellation_slot(
          give_up.slot(), [&](const std::exception_ptr&, const result<l2_cache::hit>&) { ended = true; }));
  const auto patient = begin(cache_->get(key_of("b"), in(seconds{60})));
  loop_.restart();
  loop_.poll();
  ASSERT_FALSE(ended || patient->has_value());
  give_up.emit(boost::asio::cancellation_type::terminal);
  ASSERT_TRUE(eventually([&] { return ended && patient->has_value(); }));
  EXPECT_EQ((**patient).error(), errc::l2_unavailable);
  server.resume();
  EXPECT_TRUE(works_again());
}

TEST_F(redis_faults, hangs_before_the_first_connection) {
  disconnect();
  server.hang();
  connect(server.url(), milliseconds{100});
  EXPECT_EQ(get("c", in(milliseconds{10})).error(), errc::l2_timeout);
  ASSERT_TRUE(eventually([&] { return get("c").error() == errc::l2_unavailable; }));
  server.resume();
  EXPECT_TRUE(works_again());
}

TEST_F(redis_faults, closes_the_connection_in_mid_flight) {
  ASSERT_EQ(server.command({"CLIENT", "PAUSE", "60000", "WRITE"}), "OK");
  const auto stuck = begin(cache_->put(key_of("c"), value("{}"), in(seconds{60})));
  // Once Redis has it: a command that is paused shows as blocked.
  ASSERT_TRUE(eventually([&] {
    return server.command({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos;
  }));
  ASSERT_FALSE(stuck->has_value());
  EXPECT_EQ(server.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}), "1");
  ASSERT_TRUE(eventually([&] { return stuck->has_value(); }));
  EXPECT_EQ((**stuck).error(), errc::l2_unavailable);
  ASSERT_EQ(server.command({"CLIENT", "UNPAUSE"}), "OK");
  EXPECT_TRUE(works_again());
}

TEST_F(redis_faults, is_out_of_memory) {
  ASSERT_TRUE(*put("c", "[1]", {1, 1}));
  ASSERT_EQ(server.command({"CONFIG", "SET", "maxmemory", "1mb", "maxmemory-policy", "noeviction"}), "OK");
  EXPECT_EQ(put("c", "[2]", {1, 2}).error(), errc::l2_failed);
  EXPECT_EQ((*get("c"))->body, "[1]");                                 // reads go on
  EXPECT_EQ(*run(cache_->unlink({key_of("c")}, {1, 2}, soon())), 1u);  // and so do invalidations
  EXPECT_EQ(cache_->report().now, state::up);
  ASSERT_EQ(server.command({"CONFIG", "SET", "maxmemory", "0"}), "OK");
  EXPECT_TRUE(works_again());
}

// Meant for the thread sanitizer.
TEST_F(redis_faults, are_reported_on_any_thread) {
  std::atomic<bool> over{false};
  std::thread reader{[&] {
    while (!over) EXPECT_FALSE(cache_->report().detail.empty());
  }};
  server.kill();
  EXPECT_TRUE(eventually([&] { return cache_->report().now == state::down; }));
  server.start();
  EXPECT_TRUE(works_again());
  over = true;
  reader.join();
}

TEST_F(redis_faults, stop_ends_calls_in_flight) {
  server.hang();
  const auto first = begin(cache_->get(key_of("a"), in(seconds{60})));
  const auto second = begin(cache_->put(key_of("b"), value("{}"), in(seconds{60})));
  loop_.restart();
  loop_.poll();
  ASSERT_FALSE(first->has_value() || second->has_value());
  run(cache_->stop());
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ((**first).error(), errc::l2_unavailable);
  EXPECT_EQ((**second).error(), errc::l2_unavailable);
  cache_.reset();
}

TEST_F(redis_faults, after_stop_calls_are_refused) {
  run(cache_->stop());
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  EXPECT_EQ(cache_->report().now, state::down);
  cache_.reset();
}

TEST_F(redis_faults, stop_does_not_wait_for_a_connection_attempt) {
  disconnect();
  server.hang();
  connect(server.url(), seconds{3'600});
  const auto early = begin(cache_->get(key_of("a"), in(seconds{3'600})));
  loop_.restart();
  loop_.poll();
  ASSERT_FALSE(early->has_value());
  disconnect();
  ASSERT_TRUE(early->has_value());
  EXPECT_EQ((**early).error(), errc::l2_unavailable);
}

// Values larger than the socket's buffers, so that writing has to wait.
TEST_F(redis_faults, none_while_large_values_are_written_at_once) {
  std::string body(2'000'000, 'x');
  std::uint64_t noise = 1;
  for (auto& byte : body)
    byte = static_cast<char>('!' + (noise = noise * 6364136223846793005u + 1, noise >> 33) % 90);
  std::vector<std::shared_ptr<std::optional<result<bool>>>> puts;
  for (int i = 0; i < 8; ++i) {
    puts.push_back(begin(cache_->put(key_of("large" + std::to_string(i)), value(body), in(seconds{30}))));
  }
  ASSERT_TRUE(
      eventually([&] { return std::ranges::all_of(puts, [](auto& one) { return one->has_value(); }); }));
  for (const auto& one : puts) EXPECT_TRUE(**one && ***one);
  for (int i = 0; i < 8; ++i) {
    const auto found = get("large" + std::to_string(i));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->body, body);
  }
}

}  // namespace
}  // namespace ctxcache::redis
