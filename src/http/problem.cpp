#include "http/problem.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>

namespace ctxcache::http {
namespace {

struct outcome {
  int status = 500;
  int retry_after_seconds = 0;
};

[[nodiscard]] outcome outcome_of(errc code) {
  switch (code) {
    case errc::invalid_key:
    case errc::invalid_request:
    case errc::invalid_document:
      return {400};
    case errc::unknown_agent_type:
    case errc::invalid_pattern:
      return {422};
    case errc::too_large:
      return {413};
    case errc::customer_unknown:
      return {404};
    case errc::not_cached:
    case errc::deadline_exceeded:
      return {504};
    case errc::provider_unavailable:
    case errc::provider_timeout:
    case errc::provider_failed:
    case errc::overloaded:
    case errc::shutting_down:
    case errc::log_unavailable:
    case errc::l2_unavailable:
    case errc::l2_timeout:
    case errc::l2_failed:
      return {503, 1};
    case errc::position_lost:
      return {410};
    case errc::corrupt_value:
    case errc::invalid_config:
    case errc::internal:
      return {500};
  }
  return {500};
}

}  // namespace

problem problem_of(const error_code& error) {
  const bool ours = error.category() == error_category();
  const error_code known = ours ? error : error_code{make_error_code(errc::internal)};
  const auto out = outcome_of(static_cast<errc>(known.value()));
  return {.status = out.status,
          .code = code_name(known),
          .detail = known.message(),
          .retry_after_seconds = out.retry_after_seconds};
}

answer to_answer(const problem& what, std::string_view request_id) {
  boost::json::object body{{"type", "about:blank"},
                           {"title", reason_phrase(what.status)},
                           {"status", what.status},
                           {"detail", what.detail},
                           {"instance", "urn:ctxcache:request:" + std::string{request_id}},
                           {"code", what.code},
                           {"request_id", request_id}};
  if (!what.errors.empty()) {
    auto& errors = body["errors"].emplace_array();
    for (const auto& one : what.errors)
      errors.push_back(boost::json::object{{"pointer", one.pointer}, {"detail", one.detail}});
  }
  answer out{.status = what.status, .content_type = "application/problem+json"};
  out.text = boost::json::serialize(body);
  if (what.retry_after_seconds > 0) out.add("Retry-After", std::to_string(what.retry_after_seconds));
  return out;
}

}  // namespace ctxcache::http
