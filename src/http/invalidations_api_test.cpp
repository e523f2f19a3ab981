#include <boost/json/array.hpp>
#include <string>
#include <thread>
#include <vector>

#include "http/server_test_support.hpp"

namespace ctxcache::http {
namespace {

namespace json = boost::json;
using test::caller;
using test::reply;

const std::string path = "/api/v1/context/cache/invalidations";

class invalidations_api : public test::server_fixture {
 protected:
  reply list(const std::string& query = "") { return call().ask("GET", path + query); }
  /// Its position.
  std::string invalidate(const std::string& body) {
    const auto got = call().ask("POST", "/api/v1/context/cache/invalidate", "", body);
    EXPECT_EQ(got.status, 200) << got.body;
    return got.json().at("position").as_string().c_str();
  }
  static std::vector<std::string> reasons(const reply& got) {
    const auto body = got.json();
    std::vector<std::string> found;
    for (const auto& one : body.at("invalidations").as_array())
      found.emplace_back(one.at("reason").as_string());
    return found;
  }
  static std::string next(const reply& got) { return got.json().at("next").as_string().c_str(); }
};

using strings = std::vector<std::string>;

TEST_F(invalidations_api, lists_what_was_said_and_where) {
  start();
  EXPECT_TRUE(reasons(list()).empty());
  const auto position = invalidate(R"({"customer_id": "c", "reason": "a \"plan\"", "fence": true})");
  const auto got = list();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Cache-Control"), "no-store");
  const auto one = got.json().at("invalidations").at(0);
  EXPECT_EQ(one.at("position"), json::string{position});
  EXPECT_EQ(one.at("scope"), (json::value{{"kind", "customer"}, {"text", "context:c"}}));
  EXPECT_EQ(one.at("reason"), "a \"plan\"");
  EXPECT_EQ(one.at("origin"), nullptr);
  EXPECT_EQ(one.at("fence"), true);
  EXPECT_EQ(one.at("said_at"), "1970-01-01T00:16:40.000Z");
  EXPECT_EQ(one.at("applied_at"), one.at("said_at"));
  EXPECT_EQ(one.at("lag_ms"), 0.0);
  EXPECT_EQ(next(got), position);
}

TEST_F(invalidations_api, goes_on_behind_a_position) {
  start();
  const auto nothing = next(list());
  for (const auto* reason : {"a", "b", "c"})
    invalidate(R"({"all": true, "reason": ")" + std::string{reason} + "\"}");
  EXPECT_EQ(reasons(list()), (strings{"a", "b", "c"}));
  EXPECT_EQ(reasons(list("?limit=2")), (strings{"b", "c"}));
  const auto two = list("?after=" + nothing + "&limit=2");
  EXPECT_EQ(reasons(two), (strings{"a", "b"}));
  const auto last = list("?limit=2&after=" + next(two));
  EXPECT_EQ(reasons(last), strings{"c"});
  EXPECT_EQ(reasons(list("?after=" + next(last))), strings{});
  EXPECT_EQ(next(list("?after=" + next(last))), next(last));
}

TEST_F(invalidations_api, waits_for_the_next) {
  start();
  const auto last = invalidate(R"({"all": true})");
  caller waiting = call();
  waiting.send("GET " + path + "?wait=25&after=" + last + " HTTP/1.1\r\nHost: h\r\n\r\n");
  invalidate(R"({"all": true, "reason": "next"})");
  EXPECT_EQ(reasons(waiting.receive()), strings{"next"});
}

TEST_F(invalidations_api, waits_no_longer_than_it_was_asked_to) {
  start();
  const auto last = invalidate(R"({"all": true})");
  EXPECT_EQ(reasons(list("?wait=1&after=" + last)), strings{});
  EXPECT_EQ(reasons(list("?wait=0&after=" + last)), strings{});
}

TEST_F(invalidations_api, waits_no_longer_than_a_request_may_take) {
  options.request_timeout = std::chrono::milliseconds{20};
  start();
  const auto last = invalidate(R"({"all": true})");
  EXPECT_EQ(reasons(list("?wait=25&after=" + last)), strings{});
}

TEST_F(invalidations_api, does_not_hold_up_a_drain) {
  options.request_timeout = options.drain_timeout = std::chrono::minutes{10};
  start();
  const auto last = invalidate(R"({"all": true})");
  caller waiting = call();
  waiting.send("GET " + path + "?wait=25&after=" + last + " HTTP/1.1\r\nHost: h\r\n\r\n");
  on_lane([] {});
  spawn_drain();
  EXPECT_TRUE(test::eventually([&] { return drained.load(); }));
}

TEST_F(invalidations_api, refuses_a_query_that_is_none) {
  start();
  const auto position = invalidate(R"({"all": true})");
  for (const auto& query :
       {std::string{"?after="}, std::string{"?after=7"}, std::string{"?after=x.y"}, std::string{"?limit=0"},
        std::string{"?limit=1001"}, std::string{"?limit=ten"}, std::string{"?wait=1"},
        "?wait=26&after=" + position, "?wait=-1&after=" + position, std::string{"?since=1"},
        std::string{"?limit=1&limit=2"}, std::string{"?limit=%"}}) {
    const auto got = list(query);
    EXPECT_EQ(got.status, 400) << query;
    EXPECT_EQ(got.code(), "invalid_request") << query;
  }
  EXPECT_EQ(call().ask("POST", path, "", "{}").status, 405);
}

}  // namespace
}  // namespace ctxcache::http
