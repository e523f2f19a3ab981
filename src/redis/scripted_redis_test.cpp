// Shared facts and a stream of events over servers that a test makes up: an old one, one that answers what
// was not asked, one that answers nothing.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/backends.hpp"
#include "redis/shared_scripts.hpp"
#include "support/run_coroutine.hpp"
#include "support/scripted_server.hpp"

namespace ctxcache::redis {
namespace {

using std::string;
using std::chrono::milliseconds;

struct scripted_redis_test : testing::Test {
  static constexpr milliseconds hour = std::chrono::hours{1};

  ~scripted_redis_test() override {
    if (store) test::run_coroutine(loop, store->stop());
    if (source) test::run_coroutine(loop, source->stop());
  }
  /// `answers` knows everything but the greeting.
  void serve(std::function<string(const string& command)> answers) {
    server = std::make_unique<test::scripted_server>(
        loop, [answers = std::move(answers)](int, const string& piece) {
          const bool greeting = piece.find("SETNAME") != string::npos;
          return test::scripted_server::action{greeting ? "+OK\r\n" : answers(piece)};
        });
  }
  shared_store& facts() {
    store = *make_redis_shared_store(loop.get_executor(), {.url = server->url()});
    return *store;
  }
  change_source& stream() {
    source = *make_redis_change_stream(loop.get_executor(),
                                       {.url = server->url(), .stream = "s", .consumer = "c"});
    return *source;
  }
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test::run_coroutine(loop, std::move(work));
  }
  deadline soon() { return deadline::after(machine_clock().now(), std::chrono::seconds{10}); }
  static bool has(const string& command, const char* word) { return command.find(word) != string::npos; }

  boost::asio::io_context loop;
  std::unique_ptr<test::scripted_server> server;
  std::unique_ptr<shared_store> store;
  std::unique_ptr<change_source> source;
};

TEST_F(scripted_redis_test, an_old_one_gets_the_script_of_a_lease_without_flags) {
  int refused = 0, whole = 0, by_name = 0;
  serve([&](const string& command) -> string {
    if (has(command, "#!lua")) {
      ++refused;
      return "-ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'\r\n";
    }
    const bool named = has(command, "EVALSHA");
    const bool plain = has(command, hold_script().plain.sha.c_str());
    if (named && (whole == 0 || !plain)) return "-NOSCRIPT No matching script. Please use EVAL.\r\n";
    ++(named ? by_name : whole);
    return ":1\r\n";
  });
  auto& shared = facts();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(*run(shared.hold({"job", "a"}, hour, soon())));
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(whole, 1);
  EXPECT_EQ(by_name, 2);
}

// Another's answer: all that follow it on this connection may be others' too.
TEST_F(scripted_redis_test, an_answer_that_fits_no_fact_ends_the_connection) {
  serve([](const string&) { return "+OK\r\n"; });
  const auto ends = [&](auto question) {
    auto& shared = facts();
    EXPECT_EQ(question(shared).error(), errc::l2_unavailable);
    EXPECT_EQ(run(shared.get("f", soon())).error(), errc::l2_unavailable);  // it is gone
    test::run_coroutine(loop, std::exchange(store, nullptr)->stop());
  };
  const lease held{"job", "a"};
  ends([&](auto& shared) { return run(shared.hold(held, hour, soon())); });
  ends([&](auto& shared) { return run(shared.release(held, soon())); });
  ends([&](auto& shared) { return run(shared.get("f", soon())); });
  ends([&](auto& shared) { return run(shared.put({"f", "v", hour}, held, soon())); });
  ends([&](auto& shared) { return run(shared.remove("f", soon())); });
  ends([&](auto& shared) { return run(shared.append("l", "v", 1, soon())); });
  ends([&](auto& shared) { return run(shared.list("l", 1, soon())); });
  ends([&](auto& shared) { return run(shared.take("l", "v", soon())); });
  ends([&](auto& shared) { return run(shared.replace("l", "v", "w", soon())); });
  ends([&](auto& shared) { return run(shared.mark("s", {1}, hour, soon())); });
  ends([&](auto& shared) { return run(shared.marked("s", soon())); });
}

const string no_entries = "*1\r\n*2\r\n$1\r\ns\r\n*0\r\n";
const string one_entry = "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$4\r\ntype\r\n$1\r\nt\r\n";
const string none_taken_over = "*3\r\n$3\r\n0-0\r\n*0\r\n*0\r\n";

TEST_F(scripted_redis_test, an_answer_that_fits_no_stream_ends_the_connection) {
  for (const auto* const strange : {"XREADGROUP", "XAUTOCLAIM", "XACK"}) {
    serve([&](const string& command) -> string {
      if (has(command, strange)) return "+OK\r\n";
      return has(command, "XREADGROUP") ? no_entries : none_taken_over;
    });
    auto& events = stream();
    const bool asks = string{strange} != "XACK";
    const auto why = asks ? run(events.next(soon())).error() : run(events.confirm("1-0", soon())).error();
    EXPECT_EQ(why, errc::l2_unavailable) << strange;
    EXPECT_EQ(run(events.confirm("1-0", soon())).error(), errc::l2_unavailable) << strange;  // it is gone
    test::run_coroutine(loop, std::exchange(source, nullptr)->stop());
  }
}

TEST_F(scripted_redis_test, a_group_that_another_has_just_made_will_do) {
  bool made = false;
  serve([&](const string& command) -> string {
    if (has(command, "XGROUP")) return made = true, "-BUSYGROUP Consumer Group name already exists\r\n";
    if (has(command, "XREADGROUP") && !made) return "-NOGROUP No such key 's' or consumer group 'g'\r\n";
    return has(command, "XREADGROUP") ? one_entry : none_taken_over;
  });
  const auto found = run(stream().next(soon()));
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->changes.size(), 1u);
  EXPECT_EQ(found->changes[0].type, "t");
  EXPECT_EQ(found->upto, "1-0");
}

TEST_F(scripted_redis_test, a_group_that_cannot_be_made_is_a_failure) {
  serve([](const string& command) -> string {
    return has(command, "XGROUP") ? "-NOPERM no permissions\r\n" : "-NOGROUP No such key\r\n";
  });
  EXPECT_EQ(run(stream().next(soon())).error(), errc::l2_failed);
}

TEST_F(scripted_redis_test, a_stream_notices_a_dead_connection_however_long_it_waits) {
  serve([](const string& command) -> string {
    if (has(command, "BLOCK")) return {};
    return has(command, "XREADGROUP") ? no_entries : none_taken_over;
  });
  const auto until = deadline::after(machine_clock().now(), hour);
  EXPECT_EQ(run(stream().next(until)).error(), errc::l2_timeout);
}

}  // namespace
}  // namespace ctxcache::redis
