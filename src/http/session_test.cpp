// Connections over real loopback sockets.
#include "http/session.hpp"

#include "http/server_test_support.hpp"

namespace ctxcache::http {
namespace {

using test::caller;

const std::string support = "/api/v1/context/cust_1/support";

class session_over_socket : public test::server_fixture {};

TEST_F(session_over_socket, answers_pipelined_hits_in_order) {
  start();
  auto one = call();
  ASSERT_EQ(one.ask("GET", support).status, 200);
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "GET " + support + " HTTP/1.1\r\nHost: x\r\nX-Request-Id: r" + std::to_string(i) + "\r\n\r\n";
  one.send(text);
  for (int i = 0; i < 100; ++i) {
    const auto got = one.receive();
    ASSERT_EQ(got.status, 200);
    EXPECT_EQ(got.body, source->truth);
    EXPECT_EQ(got.header("X-Request-Id"), "r" + std::to_string(i));
  }
}

TEST_F(session_over_socket, keeps_the_order_when_a_miss_stands_between_hits) {
  start();
  auto one = call();
  ASSERT_EQ(one.ask("GET", support).status, 200);
  const auto get = [](const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"; };
  one.send(get(support) + get("/api/v1/context/cust_2/support") + get("/nothing") + get(support));
  EXPECT_NE(one.receive().header("Cache-Status").find("; hit"), std::string::npos);
  EXPECT_NE(one.receive().header("Cache-Status").find("fwd=miss"), std::string::npos);
  EXPECT_EQ(one.receive().status, 404);
  EXPECT_NE(one.receive().header("Cache-Status").find("; hit"), std::string::npos);
}

TEST_F(session_over_socket, reads_a_request_that_comes_byte_by_byte) {
  start();
  auto one = call();
  const std::string text = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const char& byte : text) one.send({&byte, 1});
  EXPECT_EQ(one.receive().status, 200);
}

TEST_F(session_over_socket, writes_a_large_answer_to_a_slow_reader) {
  source->truth = R"({"x":")" + std::string(std::size_t{8} << 20, 'x') + "\"}";
  start();
  auto one = call();
  EXPECT_EQ(one.ask("GET", support).body, source->truth);
  one.send("GET " + support + " HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(one.receive().body, source->truth);
  EXPECT_EQ(one.receive().body, "ok\n");
}

TEST_F(session_over_socket, answers_head_without_a_body) {
  start();
  auto one = call();
  const auto got = one.ask("HEAD", support);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Content-Length"), std::to_string(source->truth.size()));
  EXPECT_EQ(one.ask("GET", "/livez").body, "ok\n");
}

TEST_F(session_over_socket, says_continue_to_who_waits_for_it) {
  start();
  auto one = call();
  one.send("PUT " + support + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 7\r\n\r\n");
  EXPECT_EQ(one.receive().status, 100);
  one.send(R"({"a":1})");
  EXPECT_EQ(one.receive().status, 200);
}

TEST_F(session_over_socket, closes_after_malformed_input_and_says_why) {
  start();
  auto one = call();
  one.send(
      "GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(one.receive().status, 200);
  const auto got = one.receive();
  EXPECT_EQ(got.status, 400);
  EXPECT_EQ(got.code(), "invalid_request");
  EXPECT_EQ(got.header("Connection"), "close");
  EXPECT_TRUE(one.ended());
}

TEST_F(session_over_socket, refuses_a_body_over_its_limit) {
  options.max_body_bytes = 10;
  start();
  auto one = call();
  const auto got = one.ask("PUT", support, "", std::string(11, ' '));
  EXPECT_EQ(got.status, 413);
  EXPECT_EQ(got.code(), "too_large");
}

TEST_F(session_over_socket, keeps_or_closes_as_the_version_and_the_caller_say) {
  start();
  auto one = call();
  one.send("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(one.receive().header("Connection"), "keep-alive");
  one.send("GET /livez HTTP/1.0\r\n\r\n");
  EXPECT_EQ(one.receive().header("Connection"), "close");
  EXPECT_TRUE(one.ended());
  auto two = call();
  EXPECT_EQ(two.ask("GET", "/livez", "Connection: close\r\n").header("Connection"), "close");
  EXPECT_TRUE(two.ended());
}

TEST_F(session_over_socket, sweeps_a_slow_header_but_not_what_is_in_time) {
  start();
  auto slow = call();
  ASSERT_EQ(slow.ask("GET", "/livez").status, 200);
  slow.send("GET /livez HTTP/1.1\r\n");
  auto idle = call();
  ASSERT_EQ(idle.ask("GET", "/livez").status, 200);
  time.advance(options.header_timeout + std::chrono::seconds{1});
  EXPECT_TRUE(slow.ended());
  EXPECT_EQ(idle.ask("GET", "/livez").status, 200);
}

TEST_F(session_over_socket, sweeps_idle_connections_and_slow_bodies) {
  start();
  auto idle = call();
  ASSERT_EQ(idle.ask("GET", "/livez").status, 200);
  auto slow = call();
  slow.send("PUT " + support + " HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{");
  ASSERT_EQ(call().ask("GET", "/livez").status, 200);  // what came before has been read
  time.advance(options.idle_timeout + std::chrono::seconds{1});
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(slow.ended());
}

TEST_F(session_over_socket, sweeps_a_reader_that_takes_nothing) {
  source->truth = R"({"x":")" + std::string(std::size_t{8} << 20, 'x') + "\"}";
  start();
  auto stuck = call();
  stuck.send("GET " + support + " HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stats = [this] { return call().ask("GET", "/metrics").body; };
  ASSERT_TRUE(test::eventually([&] { return loads() == 1; }));
  EXPECT_TRUE(test::eventually([&] {
    time.advance(options.body_timeout + std::chrono::seconds{1});
    return stats().find("ctxcache_connections 1\n") != std::string::npos;
  }));
}

TEST_F(session_over_socket, refuses_connections_over_the_cap) {
  options.max_connections = 1;
  start();
  auto first = call();
  ASSERT_EQ(first.ask("GET", "/livez").status, 200);
  auto second = call();
  const auto got = second.receive();
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.code(), "overloaded");
  EXPECT_EQ(got.header("Retry-After"), "1");
  EXPECT_EQ(first.ask("GET", "/livez").status, 200);
}

TEST_F(session_over_socket, drains_what_runs_and_closes_what_idles) {
  source->held = true;
  start();
  auto idle = call();
  ASSERT_EQ(idle.ask("GET", "/livez").status, 200);
  auto running = call();
  running.send("GET " + support + " HTTP/1.1\r\nHost: x\r\n\r\n");
  auto beginning = call();
  beginning.send("GET /readyz HTTP/1.1\r\n");
  bool waits = false;
  ASSERT_TRUE(test::eventually([&] {
    on_lane([&] { waits = source->waiting() == 1; });
    return waits;
  }));
  ASSERT_EQ(call().ask("GET", "/livez", "Connection: close\r\n").status, 200);
  spawn_drain();
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(test::eventually([&] { return !test::accepts(server->port()); }));
  EXPECT_FALSE(drained);
  beginning.send("Host: x\r\n\r\n");
  const auto ready = beginning.receive();
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.header("Connection"), "close");
  on_lane([this] { source->release(); });
  const auto got = running.receive();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Connection"), "close");
  EXPECT_TRUE(running.ended());
  EXPECT_TRUE(test::eventually([this] { return drained.load(); }));
}

TEST_F(session_over_socket, drain_closes_the_rest_when_its_time_is_over) {
  start();
  auto slow = call();
  slow.send("GET /readyz HTTP/1.1\r\n");
  ASSERT_EQ(call().ask("GET", "/livez", "Connection: close\r\n").status, 200);
  spawn_drain();
  EXPECT_TRUE(test::eventually([&] { return !test::accepts(server->port()); }));
  time.advance(options.drain_timeout);
  EXPECT_TRUE(slow.ended());
  EXPECT_TRUE(test::eventually([this] { return drained.load(); }));
}

TEST_F(session_over_socket, port_in_use_is_noticed) {
  start();
  options.port = static_cast<std::uint16_t>(server->port());
  server_parts parts;
  parts.lanes = {loop.get_executor()};
  EXPECT_THROW(http::server(options, *cache, std::move(parts)), boost::system::system_error);
}

}  // namespace
}  // namespace ctxcache::http
