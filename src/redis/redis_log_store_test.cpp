// The log over servers that a test makes up: an old one, and one that answers what was not asked.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "ctxcache/backends.hpp"
#include "redis/log_scripts.hpp"
#include "support/run_coroutine.hpp"
#include "support/scripted_server.hpp"

namespace ctxcache::redis {
namespace {

using std::string;

struct scripted_log_test : testing::Test {
  boost::asio::io_context loop;
  std::unique_ptr<test::scripted_server> server;
  std::unique_ptr<log_store> store;

  /// `answers` knows everything but the greeting.
  void serve(std::function<string(const string& command)> answers) {
    const auto script = [answers = std::move(answers)](int, const string& piece) {
      if (piece.find("SETNAME") != string::npos) return test::scripted_server::action{"+OK\r\n"};
      return test::scripted_server::action{answers(piece)};
    };
    server = std::make_unique<test::scripted_server>(loop, script);
    store = *make_redis_log_store(loop.get_executor(), {.url = server->url()});
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
    if (named && command.find(publish_script().plain.sha) == string::npos) {
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
  ask([&] { return run(store->tail(0, std::chrono::milliseconds{1})).error(); });
  ask([&] { return run(store->first_retained(soon())).error(); });
  ask([&] { return run(store->registered(soon())).error(); });
  ask([&] { return run(store->remove("m", {}, soon())).error(); });
}

TEST_F(scripted_log_test, a_heartbeat_without_readable_constants_is_no_answer) {
  for (const string constants : {"1:2:3", "1:2:3:4:", "1:2:3:x", "a:2:3:4"}) {
    const auto size = std::to_string(constants.size());
    serve([=](const string&) {
      return "*3\r\n$16\r\n00000000000000ab\r\n$1\r\n5\r\n$" + size + "\r\n" + constants + "\r\n";
    });
    EXPECT_EQ(run(store->heartbeat({}, 0, soon())).error(), errc::l2_unavailable) << constants;
    test::run_coroutine(loop, store->stop());
  }
}

}  // namespace
}  // namespace ctxcache::redis
