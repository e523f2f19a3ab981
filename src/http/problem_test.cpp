#include "http/problem.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>

namespace ctxcache::http {
namespace {

TEST(problem, has_a_status_for_every_error) {
  const std::map<errc, int> expected{{errc::invalid_key, 400},       {errc::unknown_agent_type, 422},
                                     {errc::invalid_pattern, 422},   {errc::invalid_request, 400},
                                     {errc::invalid_document, 400},  {errc::too_large, 413},
                                     {errc::customer_unknown, 404},  {errc::not_cached, 504},
                                     {errc::deadline_exceeded, 504}, {errc::provider_unavailable, 503},
                                     {errc::provider_timeout, 503},  {errc::provider_failed, 503},
                                     {errc::l2_unavailable, 503},    {errc::l2_timeout, 503},
                                     {errc::l2_failed, 503},         {errc::log_unavailable, 503},
                                     {errc::position_lost, 410},     {errc::corrupt_value, 500},
                                     {errc::overloaded, 503},        {errc::shutting_down, 503},
                                     {errc::invalid_config, 500},    {errc::internal, 500}};
  for (int code = 1; code <= static_cast<int>(errc::internal); ++code) {
    const auto one = static_cast<errc>(code);
    ASSERT_TRUE(expected.contains(one)) << code;
    const auto got = problem_of(one);
    EXPECT_EQ(got.status, expected.at(one)) << code;
    EXPECT_EQ(got.code, code_name(make_error_code(one)));
    EXPECT_EQ(got.retry_after_seconds > 0, got.status == 503) << code;
    EXPECT_NE(reason_phrase(got.status), "") << code;
  }
}

TEST(problem, of_a_foreign_error_is_internal) {
  const auto got = problem_of(make_error_code(boost::system::errc::no_such_process));
  EXPECT_EQ(got.status, 500);
  EXPECT_EQ(got.code, "internal");
}

TEST(problem, becomes_a_problem_document) {
  problem what{503, "overloaded", "too much \"work\"", {{"/keys/0", "is missing"}}, 1};
  const auto got = to_answer(what, "r1");
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.content_type, "application/problem+json");
  EXPECT_EQ(got.lines.text(), "Retry-After: 1\r\n");
  const auto expected = boost::json::parse(R"({"type": "about:blank", "title": "Service Unavailable",
    "status": 503, "detail": "too much \"work\"", "instance": "urn:ctxcache:request:r1",
    "code": "overloaded", "request_id": "r1",
    "errors": [{"pointer": "/keys/0", "detail": "is missing"}]})");
  EXPECT_EQ(boost::json::parse(got.text), expected);
}

}  // namespace
}  // namespace ctxcache::http
