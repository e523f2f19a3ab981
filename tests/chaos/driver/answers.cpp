#include "answers.hpp"

#include <boost/json/parse.hpp>
#include <charconv>
#include <string>

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

}  // namespace

document read_document(const reply& from) {
  document out{.status = from.said.result_int(),
               .source = source_of(from.said["Cache-Status"]),
               .position = from.said["Ctx-Position"]};
  if (!is_good(out.status)) return out;
  // The provider's own words, which lie deeper than the envelope of ctxcache with its "agent_type".
  const std::string_view body = from.said.body();
  const auto register_at = body.find("\"customer\":");
  if (register_at == std::string_view::npos) return out;
  const auto inner = body.substr(register_at);
  constexpr std::string_view version_name = "\"version\":";
  const auto version_at = inner.find(version_name);
  if (version_at == std::string_view::npos) return out;
  auto digits = inner.substr(version_at + version_name.size());
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  std::from_chars(digits.data(), digits.data() + digits.size(), out.version);
  out.customer = text_behind("\"customer\":\"", inner);
  out.agent_type = text_behind("\"agent_type\":\"", inner);
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
