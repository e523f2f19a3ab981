#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "changes/intake.hpp"
#include "changes/signatures.hpp"
#include "ctxcache/shared_store.hpp"
#include "http/server_test_support.hpp"

namespace ctxcache::http {
namespace {

namespace json = boost::json;
using test::caller;
using test::reply;

const std::string path = "/api/v1/events";
const std::string json_type = "Content-Type: application/json\r\n";

class events_api : public test::server_fixture {
 protected:
  void equip(server_parts& parts) override {
    const changes::rule tickets{.type = "ticket.*", .agent_types = {"support"}};
    const changes::rule imports{.type = "import.completed", .everything = true};
    intake = std::make_unique<changes::intake>(
        *cache, changes::intake_settings{.rules = {tickets, imports}}, loop.get_executor(),
        make_local_shared_store(time), [](const ctxcache::change&) {}, time);
    parts.intake = intake.get();
  }
  boost::asio::awaitable<void> end_equipment() override { co_await intake->stop(); }

  reply post(const std::string& body, const std::string& lines = json_type) {
    return call().ask("POST", path, lines, body);
  }
  reply list(const std::string& query = "") { return call().ask("GET", path + query); }
  static std::vector<std::string> ids(const reply& got) {
    const auto body = got.json();
    std::vector<std::string> found;
    for (const auto& one : body.at("events").as_array()) found.emplace_back(one.at("id").as_string());
    return found;
  }
  static std::string event(const std::string& id, const std::string& customer = "c") {
    return R"({"specversion":"1.0","type":"ticket.created","source":"/crm","id":")" + id +
           R"(","data":{"customer_id":")" + customer + "\"}}";
  }

  std::unique_ptr<changes::intake> intake;
};

using strings = std::vector<std::string>;

TEST_F(events_api, an_event_invalidates_what_its_rule_says) {
  start();
  const std::string support = "/api/v1/context/c/support";
  ASSERT_EQ(call().ask("GET", support).status, 200);
  change([](auto& fake) { fake.truth = R"({"version":2})"; });
  const auto got = post(R"({"type": "ticket.created", "customer_id": "c"})");
  EXPECT_EQ(got.status, 200) << got.body;
  const auto said = got.json();
  EXPECT_EQ(said.at("verdict"), "invalidated");
  const auto receipt = said.at("receipts").at(0);
  EXPECT_EQ(receipt.at("scope"), (json::value{{"kind", "agent_type"}, {"text", "context:c:support"}}));
  EXPECT_EQ(receipt.at("matched_l1"), 1);
  EXPECT_EQ(call().ask("GET", support).body, R"({"version":2})");
}

TEST_F(events_api, takes_every_mode_of_a_cloud_event) {
  start();
  EXPECT_EQ(post(event("1"), "Content-Type: application/cloudevents+json\r\n").status, 200);
  const auto binary = post(R"({"customer_id": "c"})", json_type +
                                                          "ce-specversion: 1.0\r\nCE-Type: ticket.created\r\n"
                                                          "ce-source: /crm\r\nce-id: 2\r\n");
  EXPECT_EQ(binary.status, 200) << binary.body;
  EXPECT_EQ(binary.json().at("id"), "2");
  const auto batch = post("[" + event("3") + "," + event("4", "d") + "]",
                          "Content-Type: application/cloudevents-batch+json\r\n");
  EXPECT_EQ(batch.status, 200) << batch.body;
  EXPECT_EQ(batch.json().at("results").at(1).at("receipts").at(0).at("scope").at("text"),
            "context:d:support");
  EXPECT_EQ(ids(list()).size(), 4u);
}

TEST_F(events_api, an_event_without_a_rule_is_ignored) {
  start();
  const auto got = post(R"({"type": "coffee.spilt", "customer_id": "c"})");
  EXPECT_EQ(got.status, 202);
  EXPECT_EQ(got.json().at("verdict"), "ignored");
}

TEST_F(events_api, an_event_that_comes_again_is_a_duplicate) {
  start();
  ASSERT_EQ(post(event("1")).status, 200);
  const auto again = post(event("1"));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json().at("verdict"), "duplicate");
  EXPECT_TRUE(again.json().at("receipts").as_array().empty());
  const auto metrics = call().ask("GET", "/metrics").body;
  EXPECT_NE(metrics.find("ctxcache_events_total{verdict=\"invalidated\"} 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("ctxcache_events_total{verdict=\"duplicate\"} 1\n"), std::string::npos);
}

TEST_F(events_api, an_event_that_names_nobody_is_kept_as_a_dead_letter) {
  start();
  const auto got = post(R"({"type": "ticket.created", "number": 5})");
  EXPECT_EQ(got.status, 422);
  EXPECT_EQ(got.code(), "invalid_request");
  const auto letters = call().ask("GET", path + "/dead").json().at("dead_letters").as_array();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].at("type"), "ticket.created");
  EXPECT_EQ(letters[0].at("event").at("number"), 5);
  EXPECT_FALSE(letters[0].at("why").as_string().empty());
  const std::string number{letters[0].at("number").as_string()};
  EXPECT_EQ(call().ask("POST", path + "/dead/" + number + "/replay").status, 422) << "as before";
  EXPECT_EQ(call().ask("POST", path + "/dead/none/replay").code(), "not_found");
}

TEST_F(events_api, a_batch_says_of_each_what_became_of_it) {
  start();
  const auto got = post("[" + event("1") + R"(, {"type": "ticket.created"}, {"no": "type"}])");
  EXPECT_EQ(got.status, 207);
  const auto results = got.json().at("results").as_array();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].at("status"), 200);
  EXPECT_EQ(results[1].at("status"), 422);
  EXPECT_EQ(results[2].at("status"), 422);
  EXPECT_EQ(intake->stats().unreadable, 1u);
}

TEST_F(events_api, refuses_what_is_no_event) {
  start();
  EXPECT_EQ(post("nonsense").status, 400);
  EXPECT_EQ(post("").status, 400);
  EXPECT_EQ(post(R"({"no": "type"})").code(), "invalid_request");
  EXPECT_EQ(post("<a/>", "Content-Type: application/xml\r\n").status, 415);
  std::string many = "[{}";
  for (int i = 0; i < 1'000; ++i) many += ",{}";
  EXPECT_EQ(post(many + "]").status, 413);
  EXPECT_TRUE(ids(list()).empty());
  EXPECT_EQ(intake->stats().unreadable, 5u);
}

TEST_F(events_api, believes_only_those_who_sign) {
  const auto key = changes::secret::of(changes::scheme::hmac, "topsecret");
  more_parts.signers.push_back(
      {.name = "crm", .how = changes::scheme::hmac, .secrets = {*key}, .header = "X-Crm-Signature"});
  start();
  const std::string body = R"({"type": "ticket.created", "customer_id": "c"})";
  std::string digits;
  for (const char byte : key->sign(body)) {
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    digits += hexadecimal[static_cast<unsigned char>(byte) >> 4];
    digits += hexadecimal[static_cast<unsigned char>(byte) & 15];
  }
  const auto line = json_type + "x-crm-signature: sha256=" + digits + "\r\n";
  EXPECT_EQ(post(body, line).status, 200);
  EXPECT_EQ(post(body + " ", line).status, 401) << "another body";
  const auto unsigned_one = post(body);
  EXPECT_EQ(unsigned_one.status, 401);
  EXPECT_EQ(unsigned_one.code(), "unauthorized");
  EXPECT_EQ(unsigned_one.header("WWW-Authenticate"), "Signature");
  EXPECT_EQ(ids(list()).size(), 1u) << "the others are not even read";
  EXPECT_EQ(intake->stats().unsigned_, 2u);
}

TEST_F(events_api, lists_outcomes_and_goes_on_behind_a_number) {
  start();
  const auto none = list();
  EXPECT_EQ(none.header("Cache-Control"), "no-store");
  EXPECT_EQ(none.json().at("next"), 0);
  EXPECT_EQ(none.json().at("started_at"), "1970-01-01T00:16:40.000Z");
  for (const auto* id : {"a", "b", "c"}) ASSERT_EQ(post(event(id)).status, 200);
  EXPECT_EQ(ids(list()), (strings{"a", "b", "c"}));
  EXPECT_EQ(ids(list("?limit=2")), (strings{"b", "c"}));
  const auto two = list("?after=0&limit=2");
  EXPECT_EQ(ids(two), (strings{"a", "b"}));
  const auto next = std::to_string(two.json().at("next").to_number<int>());
  const auto last = list("?after=" + next);
  EXPECT_EQ(ids(last), strings{"c"});
  const auto end = std::to_string(last.json().at("next").to_number<int>());
  EXPECT_EQ(ids(list("?after=" + end)), strings{});
  EXPECT_EQ(list("?after=" + end).json().at("next"), last.json().at("next"));
}

TEST_F(events_api, waits_for_the_next) {
  start();
  caller waiting = call();
  waiting.send("GET " + path + "?wait=25&after=0 HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(post(event("1")).status, 200);
  EXPECT_EQ(ids(waiting.receive()), strings{"1"});
}

TEST_F(events_api, refuses_a_query_that_is_none) {
  start();
  for (const auto* query : {"?after=x", "?after=-1", "?limit=0", "?wait=1", "?wait=26&after=0", "?since=1"})
    EXPECT_EQ(list(query).status, 400) << query;
}

class without_events : public test::server_fixture {};

TEST_F(without_events, says_so) {
  start();
  for (const auto& [verb, where] : std::vector<std::pair<std::string, std::string>>{
           {"POST", path}, {"GET", path}, {"GET", path + "/dead"}, {"POST", path + "/dead/1/replay"}}) {
    EXPECT_EQ(call().ask(verb, where).status, 404) << verb << where;
  }
}

}  // namespace
}  // namespace ctxcache::http
