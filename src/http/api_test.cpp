// Every endpoint, as a caller sees it.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "http/server_test_support.hpp"

namespace ctxcache::http {
namespace {

namespace json = boost::json;

const std::string context = "/api/v1/context";
const std::string support = context + "/cust_1/support";
const std::string json_type = "Content-Type: application/json\r\n";

class api : public test::server_fixture {
 protected:
  test::reply ask(std::string_view method, std::string_view target, std::string_view lines = "",
                  std::string_view body = "") {
    return call().ask(method, target, lines, body);
  }
};

TEST_F(api, context_is_loaded_once_then_hit) {
  start();
  const auto first = ask("GET", support);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, source->truth);
  EXPECT_EQ(first.header("Cache-Status").find("ctxcache-l1; fwd=miss"), 0u);
  EXPECT_NE(first.header("Cache-Status").find("; stored"), std::string::npos);
  time.advance(std::chrono::seconds{9});
  const auto second = ask("GET", support, "X-Request-Id: mine\r\n");
  EXPECT_EQ(second.body, source->truth);
  EXPECT_EQ(second.header("Cache-Status"), "ctxcache-l1; hit; ttl=21");
  EXPECT_EQ(second.header("Age"), "9");
  EXPECT_EQ(second.header("Content-Type"), "application/json");
  EXPECT_EQ(second.header("Cache-Control"), "no-store");
  EXPECT_EQ(second.header("X-Request-Id"), "mine");
  EXPECT_EQ(second.header("ETag"), first.header("ETag"));
  EXPECT_EQ(second.header("Ctx-Position"), to_string(cache->at()));
  EXPECT_EQ(second.header("Date"), "Thu, 01 Jan 1970 00:16:49 GMT");
  EXPECT_EQ(loads(), 1);
}

TEST_F(api, context_not_modified_is_304_without_a_body) {
  start();
  const auto etag = ask("GET", support).header("ETag");
  const auto got = ask("GET", support, "If-None-Match: \"x\", W/" + etag + "\r\n");
  EXPECT_EQ(got.status, 304);
  EXPECT_EQ(got.body, "");
  EXPECT_EQ(got.header("ETag"), etag);
  EXPECT_EQ(got.header("Content-Length"), "");
  EXPECT_EQ(ask("GET", support, "If-None-Match: \"x\"\r\n").status, 200);
}

TEST_F(api, context_honours_cache_control) {
  start();
  const auto nothing = ask("GET", support, "Cache-Control: only-if-cached\r\n");
  EXPECT_EQ(nothing.status, 504);
  EXPECT_EQ(nothing.code(), "not_cached");
  ASSERT_EQ(ask("GET", support).status, 200);
  EXPECT_EQ(ask("GET", support, "Cache-Control: only-if-cached\r\n").status, 200);
  EXPECT_EQ(ask("GET", support, "Cache-Control: no-cache\r\n")
                .header("Cache-Status")
                .find("ctxcache-l1; fwd=request"),
            0u);
  EXPECT_EQ(loads(), 2);
  const auto unkept = ask("GET", support, "Cache-Control: no-store\r\n").header("Cache-Status");
  EXPECT_EQ(unkept.find("stored"), std::string::npos);
  EXPECT_EQ(loads(), 3);
  time.advance(std::chrono::seconds{5});
  EXPECT_NE(ask("GET", support, "Cache-Control: max-age=5\r\n").header("Cache-Status").find("hit"),
            std::string::npos);
  ask("GET", support, "Cache-Control: max-age=4\r\n");
  EXPECT_EQ(loads(), 4);
}

TEST_F(api, context_says_when_it_is_partial) {
  source->partial = true;
  start();
  EXPECT_EQ(ask("GET", support).header("Ctx-Partial"), "1");
}

TEST_F(api, context_refuses_bad_ids_and_unknown_agent_types) {
  start();
  EXPECT_EQ(ask("GET", context + "/c/marketing").status, 422);
  const auto got = ask("GET", context + "/c/marketing");
  EXPECT_EQ(got.code(), "unknown_agent_type");
  EXPECT_NE(got.body.find("support, billing"), std::string::npos);
  EXPECT_EQ(got.body.find("marketing"), std::string::npos);
  EXPECT_EQ(ask("GET", context + "/%ff/support").code(), "invalid_key");
  EXPECT_EQ(ask("GET", context + "/c/support/").code(), "invalid_key");
  EXPECT_EQ(ask("GET", context + "/" + std::string(129, 'x') + "/support").code(), "invalid_key");
  EXPECT_EQ(ask("GET", context + "/a%2/support").code(), "invalid_request");
  EXPECT_EQ(loads(), 0);
}

TEST_F(api, context_failures_carry_code_and_request_id) {
  source->failure = errc::provider_unavailable;
  start();
  const auto down = ask("GET", support, "X-Request-Id: mine\r\n");
  EXPECT_EQ(down.status, 503);
  EXPECT_EQ(down.header("Retry-After"), "1");
  EXPECT_EQ(down.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(down.code(), "provider_unavailable");
  EXPECT_EQ(down.json().at("request_id").as_string(), "mine");
  change([](auto& fake) { fake.failure.reset(); });
  change([](auto& fake) { fake.unknown = true; });
  EXPECT_EQ(ask("GET", context + "/nobody/support").status, 404);
  EXPECT_EQ(ask("GET", context + "/nobody/support").code(), "customer_unknown");
}

TEST_F(api, stale_context_says_so) {
  start();
  ASSERT_EQ(ask("GET", support).status, 200);
  change([](auto& fake) { fake.failure = errc::provider_unavailable; });
  time.advance(std::chrono::seconds{31});
  const auto got = ask("GET", support);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("Cache-Status"), "ctxcache-l1; fwd=stale; detail=provider-down");
}

TEST_F(api, put_stores_what_get_then_answers) {
  start();
  const auto put = ask("PUT", support + "/conv_1", json_type, R"({"a": 1})");
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.json().at("customer_id"), "cust_1");
  EXPECT_EQ(put.json().at("conversation_id"), "conv_1");
  EXPECT_EQ(put.json().at("etag").as_string(), put.header("ETag"));
  EXPECT_EQ(put.json().at("position").as_string(), put.header("Ctx-Position"));
  EXPECT_EQ(put.json().at("stored").at("l1"), true);
  EXPECT_EQ(ask("GET", support + "/conv_1").body, R"({"a": 1})");
  EXPECT_EQ(loads(), 0);
}

TEST_F(api, put_refuses_what_is_no_context) {
  start();
  EXPECT_EQ(ask("PUT", support, json_type, "{").status, 400);
  EXPECT_EQ(ask("PUT", support, json_type, "{").code(), "invalid_document");
  EXPECT_EQ(ask("PUT", support).status, 400);
  EXPECT_EQ(ask("PUT", support, json_type, "[1]").status, 422);
  EXPECT_EQ(ask("PUT", support, "Content-Type: text/plain\r\n", "{}").status, 415);
  EXPECT_EQ(ask("PUT", context + "/c/marketing", json_type, "{}").status, 422);
  EXPECT_EQ(ask("PUT", support, json_type, std::string(200, '[')).status, 400);
}

TEST_F(api, delete_invalidates_the_scope_of_its_path) {
  start();
  ASSERT_EQ(ask("GET", support).status, 200);
  change([](auto& fake) { fake.truth = R"({"version":2})"; });
  const auto got = ask("DELETE", context + "/cust_1");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.json().at("scope"), (json::value{{"kind", "customer"}, {"text", "context:cust_1"}}));
  EXPECT_EQ(got.json().at("matched_l1"), 1);
  EXPECT_EQ(got.json().at("fence"), nullptr);
  EXPECT_EQ(ask("GET", support).body, source->truth);
  EXPECT_EQ(ask("DELETE", support).json().at("scope").at("kind"), "agent_type");
  EXPECT_EQ(ask("DELETE", support + "/t").json().at("scope").at("kind"), "key");
  EXPECT_EQ(ask("DELETE", context + "/c/marketing").status, 422);
}

TEST_F(api, batch_answers_each_key_in_its_place) {
  start();
  ASSERT_EQ(ask("GET", support).status, 200);
  const auto got = ask("POST", context + "/batch", "", R"({"keys": [
    {"customer_id": "cust_1", "agent_type": "support"},
    {"customer_id": "", "agent_type": "support"},
    {"customer_id": "cust_2", "agent_type": "billing", "conversation_id": "c\"1"},
    {"customer_id": "cust_2", "agent_type": "marketing"}]})");
  ASSERT_EQ(got.status, 200);
  const auto results = got.json().at("results").as_array();
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0].at("source"), "l1");
  EXPECT_EQ(results[0].at("document"), json::parse(source->truth));
  EXPECT_EQ(results[1].at("status"), 400);
  EXPECT_EQ(results[1].at("code"), "invalid_key");
  EXPECT_EQ(results[2].at("source"), "provider");
  EXPECT_EQ(results[2].at("conversation_id"), "c\"1");
  EXPECT_EQ(results[3].at("code"), "unknown_agent_type");
}

TEST_F(api, batch_refuses_a_malformed_body_with_its_place) {
  start();
  const auto place = [this](std::string_view body) {
    const auto got = ask("POST", context + "/batch", "", body);
    EXPECT_EQ(got.status, 422) << body;
    return std::string{got.json().at("errors").at(0).at("pointer").as_string()};
  };
  EXPECT_EQ(ask("POST", context + "/batch", "", "nonsense").status, 400);
  EXPECT_EQ(place("[]"), "");
  EXPECT_EQ(place("{}"), "/keys");
  EXPECT_EQ(place(R"({"keys": []})"), "/keys");
  EXPECT_EQ(place(R"({"keys": [{"customer_id": "a", "agent_type": "support"}], "x": 1})"), "");
  EXPECT_EQ(place(R"({"keys": [1]})"), "/keys/0");
  EXPECT_EQ(place(R"({"keys": [{"agent_type": "support"}]})"), "/keys/0/customer_id");
  EXPECT_EQ(place(R"({"keys": [{"customer_id": "a"}]})"), "/keys/0/agent_type");
  EXPECT_EQ(place(R"({"keys": [{"customer_id": 1, "agent_type": "support"}]})"), "/keys/0/customer_id");
  std::string many = R"({"keys": [)";
  for (int i = 0; i < 257; ++i)
    many += (i == 0 ? "" : ",") + std::string{R"({"customer_id":"a","agent_type":"support"})"};
  EXPECT_EQ(place(many + "]}"), "/keys");
}

TEST_F(api, entries_explain_a_key) {
  start();
  const auto before = ask("GET", context + "/cache/entries/cust_1/support").json();
  EXPECT_EQ(before.at("key"), "context:cust_1:support");
  EXPECT_EQ(before.at("l1"), nullptr);
  EXPECT_EQ(before.at("loading"), false);
  const auto etag = ask("GET", support).header("ETag");
  time.advance(std::chrono::seconds{4});
  const auto after = ask("GET", context + "/cache/entries/cust_1/support").json();
  EXPECT_EQ(after.at("l1").at("valid"), true);
  EXPECT_EQ(after.at("l1").at("age_s"), 4);
  EXPECT_EQ(after.at("l1").at("remaining_ttl_s"), 26);
  EXPECT_EQ(after.at("l1").at("etag").as_string(), etag);
  EXPECT_EQ(ask("GET", context + "/cache/entries/c/marketing").status, 422);
  EXPECT_EQ(ask("GET", context + "/cache/entries/%ff/support").status, 400);
}

TEST_F(api, stats_count_and_round_as_promised) {
  start();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(ask("GET", support).status, 200);
  const auto got = ask("GET", context + "/cache/stats");
  EXPECT_NE(got.body.find(R"("l1_hits":2,"l1_misses":1,"l1_hit_rate":66.7,)"), std::string::npos) << got.body;
  EXPECT_EQ(got.json().at("l1_size"), 1);
  EXPECT_EQ(got.json().at("loads"), 1);
  EXPECT_EQ(got.json().at("licensed"), true);
  EXPECT_EQ(got.json().at("queued"), 0);
}

TEST_F(api, health_names_every_part) {
  more_parts.providers = [] {
    return std::vector<provider_status>{{"crm", {.up = true, .detail = "ok"}},
                                        {"tickets", {.up = false, .detail = "refused"}}};
  };
  start();
  const auto got = ask("GET", "/api/v1/health");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.json().at("status"), "degraded");
  const auto parts = got.json().at("parts");
  EXPECT_EQ(parts.at("l1").at("status"), "up");
  EXPECT_EQ(parts.at("l2").at("status"), "disabled");
  EXPECT_EQ(parts.at("providers").at("crm").at("status"), "up");
  EXPECT_EQ(parts.at("providers").at("tickets").at("detail"), "refused");
  EXPECT_EQ(ask("GET", "/livez").status, 200);
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
}

TEST_F(api, health_names_sources_and_schedules) {
  more_parts.sources = [] {
    source_status down{.name = "crm"};
    down.up = false;
    down.detail = "refused";
    return std::vector{down};
  };
  more_parts.schedules = [] {
    return std::vector<schedule_status>{{.name = "nightly", .next = std::chrono::system_clock::time_point{}},
                                        {.name = "import", .up = false, .detail = "no such segment"}};
  };
  start();
  const auto got = ask("GET", "/api/v1/health").json();
  EXPECT_EQ(got.at("status"), "degraded") << "a source is down";
  EXPECT_EQ(got.at("parts").at("sources").at("crm"),
            (json::value{{"status", "down"}, {"detail", "refused"}, {"held", false}, {"applied", 0}}));
  EXPECT_EQ(
      got.at("parts").at("schedules"),
      (json::value{{"nightly", {{"status", "up"}, {"next", "1970-01-01T00:00:00.000Z"}, {"detail", ""}}},
                   {"import", {{"status", "down"}, {"next", nullptr}, {"detail", "no such segment"}}}}));
}

TEST_F(api, unknown_paths_and_methods_are_problems) {
  start();
  EXPECT_EQ(ask("GET", "/nothing").code(), "not_found");
  const auto wrong = ask("POST", support, "", "{}");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.code(), "method_not_allowed");
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
  const auto allowed = ask("OPTIONS", support);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.header("Allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
  EXPECT_EQ(allowed.header("Content-Length"), "");
}

}  // namespace
}  // namespace ctxcache::http
