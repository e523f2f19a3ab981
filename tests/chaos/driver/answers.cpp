#include "answers.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace ctxcache::chaos {

namespace json = boost::json;

namespace {

// What follows `name` in the text, up to the next quotation mark; an empty text when there is none.
std::string_view text_behind(std::string_view name, std::string_view in) {
  const auto found = in.find(name);
  if (found == std::string_view::npos) return {};
  const auto rest = in.substr(found + name.size());
  return rest.substr(0, rest.find('"'));
}

std::string_view source_of(std::string_view cache_status) {
  if (cache_status.find("fwd=stale") != std::string_view::npos) return "stale";
  if (cache_status.starts_with("ctxcache-l1; hit")) return "l1";
  if (cache_status.find("ctxcache-l2; hit") != std::string_view::npos) return "l2";
  return cache_status.empty() ? "" : "provider";
}

// The same with what the provider said, which lies deeper than the envelope of ctxcache with its
// "agent_type".
document with_register(document out, std::string_view body) {
  const auto register_at = body.find("\"customer\":");
  if (register_at == std::string_view::npos) return out;
  const auto inner = body.substr(register_at);
  constexpr std::string_view version_name = "\"version\":";
  const auto version_at = inner.find(version_name);
  if (version_at == std::string_view::npos) return out;
  const auto digits = inner.substr(version_at + version_name.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), out.version);
  out.customer = text_behind("\"customer\":\"", inner);
  out.agent_type = text_behind("\"agent_type\":\"", inner);
  return out;
}

}  // namespace

document read_document(const reply& from) {
  document out{.status = from.said.result_int(),
               .source = std::string{source_of(from.said["Cache-Status"])},
               .position = from.said["Ctx-Position"]};
  return is_good(out.status) ? with_register(std::move(out), from.said.body()) : out;
}

std::vector<document> read_batch(const reply& from) {
  std::vector<document> out;
  boost::system::error_code error;
  const auto body = json::parse(from.said.body(), error);
  if (error || !is_good(from.said.result_int())) return out;
  for (const auto& one : body.at("results").as_array()) {
    document got{.status = one.at("status").to_number<unsigned>()};
    if (is_good(got.status)) {
      got.source = one.at("source").as_string();
      got = with_register(std::move(got), json::serialize(one.at("document")));
    }
    out.push_back(std::move(got));
  }
  return out;
}

receipt read_receipt(const reply& from) {
  receipt out{.status = from.said.result_int()};
  boost::system::error_code error;
  const auto body = json::parse(from.said.body(), error);
  if (error || !body.is_object()) return out;
  const auto& fields = body.get_object();
  if (const auto* at = fields.if_contains("position"); at != nullptr && at->is_string())
    out.position = at->get_string();
  if (const auto* queued = fields.if_contains("queued"); queued != nullptr && queued->is_bool())
    out.queued = queued->get_bool();
  if (const auto* fence = fields.if_contains("fence"); fence != nullptr && fence->is_object())
    out.confirmed = fence->at("confirmed").as_bool();
  if (out.status == 202) out.queued = true;
  return out;
}

}  // namespace ctxcache::chaos
