#include "http/event_outcomes.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace ctxcache::http {
namespace {

namespace json = boost::json;
using changes::outcome;
using verdict = outcome::verdict;

outcome invalidated(bool queued = false) {
  receipt done;
  done.queued = queued;
  return {
      .what = verdict::invalidated, .type = "t", .source = "s", .id = "i", .receipts = {done}, .number = 7};
}

outcome failed(errc why) {
  return {.what = verdict::failed, .type = "t", .error = why};
}

outcome rejected() {
  return {.what = verdict::rejected, .type = "t", .why = "it names no customer"};
}

outcome plainly(verdict what) {
  return {.what = what, .type = "t"};
}

int of_batch(const std::vector<outcome>& all) {
  return answer_for(all).status;
}

TEST(event_outcome, has_its_status) {
  EXPECT_EQ(status_of(invalidated()), 200);
  EXPECT_EQ(status_of(invalidated(true)), 202);
  EXPECT_EQ(status_of(plainly(verdict::duplicate)), 200);
  EXPECT_EQ(status_of(plainly(verdict::ignored)), 202);
  EXPECT_EQ(status_of(rejected()), 422);
  EXPECT_EQ(status_of(failed(errc::log_unavailable)), 503);
}

TEST(event_outcome, says_what_it_did) {
  const auto said = to_json(invalidated());
  EXPECT_EQ(said.at("number"), 7);
  EXPECT_EQ(said.at("verdict"), "invalidated");
  EXPECT_EQ(said.at("type"), "t");
  EXPECT_EQ(said.at("source"), "s");
  EXPECT_EQ(said.at("id"), "i");
  EXPECT_EQ(said.at("receipts").as_array().size(), 1u);
  EXPECT_FALSE(said.contains("code"));
  EXPECT_EQ(to_json(rejected()).at("detail"), "it names no customer");
  EXPECT_EQ(to_json(failed(errc::log_unavailable)).at("code"), "log_unavailable");
}

TEST(event_outcome, without_effect_is_a_problem) {
  const request from{.request_id = "r1"};
  const call one{.from = &from, .to = {}, .now = {}, .until = {}};
  const auto refused = answer_for(one, failed(errc::overloaded));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.content_type, "application/problem+json");
  EXPECT_NE(refused.lines.text().find("Retry-After: 1\r\n"), std::string_view::npos);
  EXPECT_EQ(json::parse(answer_for(one, rejected()).text).at("detail"), "it names no customer");
}

TEST(event_outcomes, of_a_batch_have_one_status) {
  const auto ignored = plainly(verdict::ignored);
  EXPECT_EQ(of_batch({}), 200);
  EXPECT_EQ(of_batch({ignored, ignored}), 202);
  EXPECT_EQ(of_batch({ignored, invalidated()}), 200);
  EXPECT_EQ(of_batch({ignored, invalidated(true)}), 202);
  EXPECT_EQ(of_batch({rejected(), invalidated()}), 207);
  EXPECT_EQ(of_batch({rejected(), ignored}), 207);
  EXPECT_EQ(of_batch({rejected(), rejected()}), 422);
  EXPECT_EQ(of_batch({rejected(), failed(errc::overloaded)}), 503) << "so that it is sent again";
  const auto body = json::parse(answer_for({rejected(), invalidated()}).text).at("results");
  EXPECT_EQ(body.at(0).at("status"), 422);
  EXPECT_EQ(body.at(1).at("status"), 200);
}

}  // namespace
}  // namespace ctxcache::http
