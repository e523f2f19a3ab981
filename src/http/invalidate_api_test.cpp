// POST /api/v1/context/cache/invalidate, as a caller sees it.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "http/server_test_support.hpp"

namespace ctxcache::http {
namespace {

namespace json = boost::json;

const std::string support = "/api/v1/context/cust_1/support";

class invalidate_api : public test::server_fixture {
 protected:
  test::reply post(std::string_view body) {
    return call().ask("POST", "/api/v1/context/cache/invalidate", "", body);
  }
  /// Where the one fault lies.
  std::string place(std::string_view body) {
    const auto got = post(body);
    EXPECT_EQ(got.status, 422) << body;
    return std::string{got.json().at("errors").at(0).at("pointer").as_string()};
  }
};

TEST_F(invalidate_api, takes_each_kind_of_selector) {
  start();
  const auto kind = [this](std::string_view body) {
    const auto got = post(body);
    EXPECT_EQ(got.status, 200) << got.body;
    return got.json().at("scope");
  };
  EXPECT_EQ(kind(R"({"customer_id": "c"})"), (json::value{{"kind", "customer"}, {"text", "context:c"}}));
  EXPECT_EQ(kind(R"({"customer_id": "c", "agent_type": "support"})").at("kind"), "agent_type");
  EXPECT_EQ(kind(R"({"customer_id": "c", "agent_type": "support", "conversation_id": "t"})").at("text"),
            "context:c:support:t");
  EXPECT_EQ(kind(R"({"pattern": "context:*:support", "reason": "plan changed"})").at("kind"), "pattern");
  EXPECT_EQ(kind(R"({"all": true, "fence": false})").at("kind"), "all");
}

TEST_F(invalidate_api, takes_effect_at_once) {
  start();
  ASSERT_EQ(call().ask("GET", support).status, 200);
  change([](auto& fake) { fake.truth = R"({"version":2})"; });
  const auto got = post(R"({"pattern": "context:*:support"})").json();
  EXPECT_EQ(got.at("matched_l1"), 1);
  EXPECT_EQ(got.at("queued"), false);
  EXPECT_EQ(call().ask("GET", support).body, source->truth);
}

TEST_F(invalidate_api, takes_lists_and_answers_each) {
  start();
  const auto bare = post(R"([{"customer_id": "a"}, {"pattern": "x*"}])").json().at("results").as_array();
  ASSERT_EQ(bare.size(), 2u);
  EXPECT_EQ(bare[1].at("scope").at("text"), "x*");
  const auto with_options =
      post(R"({"scopes": [{"customer_id": "a"}], "reason": "r", "dry_run": true})").json();
  EXPECT_EQ(with_options.at("results").at(0).at("dry_run"), true);
}

TEST_F(invalidate_api, dry_run_counts_and_changes_nothing) {
  start();
  ASSERT_EQ(call().ask("GET", support).status, 200);
  const auto got = post(R"({"customer_id": "cust_1", "dry_run": true})").json();
  EXPECT_EQ(got.at("dry_run"), true);
  EXPECT_EQ(got.at("matched_l1"), 1);
  EXPECT_EQ(got.at("scope").at("kind"), "customer");
  EXPECT_EQ(boost::json::serialize(got.at("l1")), R"([{"id":null,"entries":1}])");
  EXPECT_EQ(got.at("matched_l2"), 0);
  EXPECT_EQ(got.at("expected_loads"), 1);
  EXPECT_NE(call().ask("GET", support).header("Cache-Status").find("hit"), std::string::npos);
}

TEST_F(invalidate_api, refuses_with_the_place_of_the_fault) {
  start();
  EXPECT_EQ(post("nonsense").status, 400);
  EXPECT_EQ(post("").status, 400);
  EXPECT_EQ(place("{}"), "");
  EXPECT_EQ(place("1"), "");
  EXPECT_EQ(place("[]"), "");
  EXPECT_EQ(place(R"({"all": true, "pattern": "x"})"), "");
  EXPECT_EQ(place(R"({"customer_id": "c", "all": true})"), "");
  EXPECT_EQ(place(R"({"all": false})"), "/all");
  EXPECT_EQ(place(R"({"all": 1})"), "/all");
  EXPECT_EQ(place(R"({"agent_type": "support"})"), "/customer_id");
  EXPECT_EQ(place(R"({"customer_id": "c", "conversation_id": "t"})"), "/agent_type");
  EXPECT_EQ(place(R"({"customer_id": "c", "agent_type": "marketing"})"), "/agent_type");
  EXPECT_EQ(place(R"({"pattern": ""})"), "/pattern");
  EXPECT_EQ(place(R"({"all": true, "else": 1})"), "");
  EXPECT_EQ(place(R"({"all": true, "dry_run": 1})"), "/dry_run");
  EXPECT_EQ(place(R"({"all": true, "reason": ")" + std::string(201, 'x') + "\"}"), "/reason");
  EXPECT_EQ(place(R"([{"all": true}, {"pattern": 1}])"), "/1/pattern");
  EXPECT_EQ(place(R"({"scopes": 1})"), "/scopes");
  EXPECT_EQ(place(R"({"scopes": [{"all": true}, 1]})"), "/scopes/1");
}

TEST_F(invalidate_api, refuses_bad_ids_and_leaves_all_as_it_was) {
  start();
  ASSERT_EQ(call().ask("GET", support).status, 200);
  EXPECT_EQ(post(R"([{"customer_id": "cust_1"}, {"customer_id": ""}])").code(), "invalid_key");
  EXPECT_NE(call().ask("GET", support).header("Cache-Status").find("hit"), std::string::npos);
}

TEST_F(invalidate_api, a_fence_of_a_single_process_is_confirmed_at_once) {
  start();
  const auto got = post(R"({"all": true, "fence": true})");
  EXPECT_EQ(got.status, 200);
  const auto receipt = got.json().as_object();
  EXPECT_TRUE(receipt.at("fence").at("confirmed").as_bool());
  EXPECT_GE(receipt.at("fence").at("waited_ms").as_int64(), 0);
  const auto place = std::string{receipt.at("position").as_string()};
  const auto asked = call().ask("GET", "/api/v1/context/cache/fences/" + place);
  EXPECT_EQ(asked.status, 200);
  EXPECT_TRUE(asked.json().at("fence").at("confirmed").as_bool());
}

TEST_F(invalidate_api, a_list_has_one_fence_for_all_that_want_one) {
  start();
  const auto got = post(
      R"([{"customer_id": "a", "fence": true}, {"customer_id": "b"},
          {"pattern": "x*", "fence": true, "dry_run": true}, {"customer_id": "c", "fence": true}])");
  EXPECT_EQ(got.status, 200);
  const auto results = got.json().at("results").as_array();
  EXPECT_TRUE(results[0].at("fence").at("confirmed").as_bool());
  EXPECT_TRUE(results[1].at("fence").is_null());
  EXPECT_TRUE(results[2].at("dry_run").as_bool());
  EXPECT_TRUE(results[3].at("fence").at("confirmed").as_bool());
}

TEST_F(invalidate_api, a_fence_is_asked_for_by_a_position_of_this_epoch) {
  start();
  EXPECT_EQ(call().ask("GET", "/api/v1/context/cache/fences/nowhere").status, 400);
  const auto lost = call().ask("GET", "/api/v1/context/cache/fences/" + to_string(position{1, 1}));
  EXPECT_EQ(lost.status, 410);
  EXPECT_EQ(lost.code(), "position_lost");
}

TEST_F(invalidate_api, wishes_that_are_none_are_refused) {
  start();
  EXPECT_EQ(call().ask("GET", "/api/v1/context/c/support", "Ctx-Min-Position: soon\r\n").status, 400);
  EXPECT_EQ(call().ask("GET", "/api/v1/context/c/support", "Ctx-Consistency: eventual\r\n").status, 400);
}

}  // namespace
}  // namespace ctxcache::http
