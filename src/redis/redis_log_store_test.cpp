// The log over servers that a test makes up: an old one, and one that answers what was not asked.
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
#include "redis/log_scripts.hpp"
#include "support/child_process.hpp"
#include "support/manual_clock.hpp"
#include "support/run_coroutine.hpp"
#include "support/scripted_server.hpp"

namespace ctxcache::redis {
namespace {

using std::string;
using std::chrono::milliseconds;

const string no_message = "*-1\r\n";
const string one_message =
    "*1\r\n*2\r\n$1\r\nl\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\ne\r\n$16\r\n00000000000000ab\r\n";

struct scripted_log_test : testing::Test {
  boost::asio::io_context loop;
  std::unique_ptr<test::scripted_server> server;
  std::unique_ptr<log_store> store;

  /// `answers` knows everything but the greeting.
  void serve(std::function<string(const string& command)> answers, milliseconds poll = milliseconds{0},
             const clock& time = machine_clock()) {
    const auto script = [answers = std::move(answers)](int, const string& piece) {
      if (piece.find("SETNAME") != string::npos) return test::scripted_server::action{"+OK\r\n"};
      return test::scripted_server::action{answers(piece)};
    };
    server = std::make_unique<test::scripted_server>(loop, script);
    store = *make_redis_log_store(loop.get_executor(), {.url = server->url(), .poll = poll}, time);
  }
  /// Runs the loop until the call has ended.
  result<std::vector<log_message>> tail(std::chrono::hours wait) {
    std::optional<result<std::vector<log_message>>> answer;
    boost::asio::co_spawn(loop, store->tail(0, wait),
                          [&](const std::exception_ptr&, result<std::vector<log_message>> got) {
                            answer.emplace(std::move(got));
                          });
    EXPECT_TRUE(eventually([&] { return answer.has_value(); }));
    return answer ? std::move(*answer) : result<std::vector<log_message>>{errc::internal};
  }
  bool eventually(const std::function<bool()>& condition) {
    return test::eventually([&] {
      loop.restart();
      loop.run_for(milliseconds{2});
      return condition();
    });
  }
  ~scripted_log_test() override { test::run_coroutine(loop, store->stop()); }

  deadline soon() { return deadline::after(machine_clock().now(), std::chrono::seconds{10}); }
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test::run_coroutine(loop, std::move(work));
  }
};

TEST_F(scripted_log_test, an_old_redis_gets_the_scripts_without_flags) {
  int refused = 0, whole = 0, by_name = 0;
  serve([&](const string& command) -> string {
    if (command.find("#!lua") != string::npos) {
      ++refused;
      return "-ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'\r\n";
    }
    const bool named = command.find("EVALSHA") != string::npos;
    if (named && (whole == 0 || command.find(publish_script().plain.sha) == string::npos)) {
      return "-NOSCRIPT No matching script. Please use EVAL.\r\n";
    }
    ++(named ? by_name : whole);
    return "*2\r\n$16\r\n00000000000000ab\r\n$1\r\n5\r\n";
  });
  for (int i = 0; i < 3; ++i) {
    const auto place = run(store->publish({}, soon()));
    ASSERT_TRUE(place) << place.error().message();
    EXPECT_EQ(*place, (position{0xAB, 5}));
  }
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(whole, 1);
  EXPECT_EQ(by_name, 2);
}

// Another's answer: all that follow it on this connection may be others' too.
TEST_F(scripted_log_test, an_answer_to_another_question_ends_the_connection) {
  const string answers[] = {"+OK\r\n", "$3\r\nabc\r\n", "*1\r\n$1\r\n5\r\n", "*2\r\n$1\r\nx\r\n$1\r\n5\r\n"};
  for (const auto& answer : answers) {
    serve([answer](const string&) { return answer; });
    EXPECT_EQ(run(store->publish({}, soon())).error(), errc::l2_unavailable) << answer;
    EXPECT_EQ(run(store->publish({}, soon())).error(), errc::l2_unavailable) << answer;  // it is gone
    test::run_coroutine(loop, store->stop());
  }
  const auto ask = [&](auto question) {
    serve([](const string&) { return "+OK\r\n"; });
    EXPECT_EQ(question(), errc::l2_unavailable);
    test::run_coroutine(loop, store->stop());
  };
  ask([&] { return run(store->heartbeat({}, 0, soon())).error(); });
  ask([&] { return run(store->wait(0, soon())).error(); });
  ask([&] { return run(store->read(0, 1, soon())).error(); });
  ask([&] { return run(store->tail(0, milliseconds{1})).error(); });
  ask([&] { return run(store->first_retained(soon())).error(); });
  ask([&] { return run(store->registered(soon())).error(); });
  ask([&] { return run(store->inspect(soon())).error(); });
  ask([&] { return run(store->remove("m", {}, soon())).error(); });
}

TEST_F(scripted_log_test, a_polling_tail_looks_again_and_again_without_blocking) {
  int looks = 0, blocking = 0;
  const auto answers = [&](const string& command) {
    blocking += command.find("BLOCK") != string::npos ? 1 : 0;
    return ++looks < 4 ? no_message : one_message;
  };
  serve(answers, milliseconds{1});
  const auto found = tail(std::chrono::hours{1});
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().at, (position{0xAB, 1}));
  EXPECT_EQ(looks, 4);
  EXPECT_EQ(blocking, 0);
}

TEST_F(scripted_log_test, a_tail_that_blocks_looks_again_and_again) {
  int looks = 0, blocking = 0;
  serve([&](const string& command) {
    blocking += command.find("BLOCK") != string::npos ? 1 : 0;
    return ++looks < 4 ? no_message : one_message;
  });
  const auto found = tail(std::chrono::hours{1});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->size(), 1u);
  EXPECT_EQ(looks, 4);
  EXPECT_EQ(blocking, 4);
}

// A connection that died without a word: a firewall forgot it, a host is gone.
TEST_F(scripted_log_test, a_tail_notices_a_dead_connection_however_long_it_waits) {
  for (const milliseconds poll : {milliseconds{0}, milliseconds{1}}) {
    bool dead = true;
    serve([&](const string&) { return dead ? string{} : one_message; }, poll);
    EXPECT_EQ(tail(std::chrono::hours{1}).error(), errc::l2_timeout);
    dead = false;
    EXPECT_TRUE(eventually([&] { return run(store->tail(0, milliseconds{1})).has_value(); }));
    EXPECT_EQ(server->connections(), 3);  // commands, the dead tail, another
    test::run_coroutine(loop, store->stop());
  }
}

TEST_F(scripted_log_test, a_tail_that_waits_between_two_looks_ends_with_the_store) {
  int looks = 0;
  serve([&](const string&) { return ++looks, no_message; }, std::chrono::hours{1});
  std::optional<error_code> ended;
  boost::asio::co_spawn(
      loop, store->tail(0, std::chrono::hours{2}),
      [&](const std::exception_ptr&, const result<std::vector<log_message>>& got) { ended = got.error(); });
  ASSERT_TRUE(eventually([&] { return looks == 1; }));
  loop.poll();
  test::run_coroutine(loop, store->stop());
  loop.poll();
  EXPECT_EQ(ended, errc::l2_unavailable);
}

// What its name leads to after a failover may be another server.
TEST_F(scripted_log_test, leaves_a_server_that_has_become_a_replica) {
  test::manual_clock clock;
  bool demoted = false;
  serve(
      [&](const string& command) {
        if (command.find("XREAD") != string::npos) return one_message;
        return demoted ? string{"-READONLY You can't write against a read only replica.\r\n"}
                       : string{"*2\r\n$16\r\n00000000000000ab\r\n$1\r\n5\r\n"};
      },
      milliseconds{0}, clock);
  ASSERT_TRUE(run(store->publish({}, {})));
  ASSERT_TRUE(run(store->tail(0, milliseconds{1})));
  ASSERT_EQ(server->connections(), 2);
  demoted = true;
  clock.advance(milliseconds{4'999});
  EXPECT_EQ(run(store->publish({}, {})).error(), errc::l2_failed);
  EXPECT_TRUE(run(store->tail(0, milliseconds{1})));  // not yet: it may be the only one there is
  clock.advance(milliseconds{1});
  EXPECT_EQ(run(store->publish({}, {})).error(), errc::l2_failed);
  ASSERT_TRUE(eventually([&] { return server->connections() == 4; }));
  demoted = false;
  EXPECT_TRUE(eventually([&] { return run(store->publish({}, {})).has_value(); }));
  EXPECT_TRUE(eventually([&] { return run(store->tail(0, milliseconds{1})).has_value(); }));
  EXPECT_EQ(server->connections(), 4);
}

TEST_F(scripted_log_test, a_heartbeat_without_readable_constants_is_no_answer) {
  for (const string constants : {"1:2:3", "1:2:3:4:", "1:2:3:x", "a:2:3:4"}) {
    const auto size = std::to_string(constants.size());
    serve([=](const string&) {
      return "*4\r\n$16\r\n00000000000000ab\r\n$1\r\n5\r\n$" + size + "\r\n" + constants + "\r\n$1\r\n0\r\n";
    });
    EXPECT_EQ(run(store->heartbeat({}, 0, soon())).error(), errc::l2_unavailable) << constants;
    test::run_coroutine(loop, store->stop());
  }
}

}  // namespace
}  // namespace ctxcache::redis
