#include "changes/rules.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/try.hpp"
#include "changes/event_document.hpp"
#include "model/glob.hpp"

namespace ctxcache::changes {

namespace json = boost::json;

namespace {

[[nodiscard]] std::optional<std::string> id_at(const json::value& document, std::string_view pointer) {
  boost::system::error_code missing;
  const auto* value = document.find_pointer({pointer.data(), pointer.size()}, missing);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->if_string()) return std::string{text->data(), text->size()};
  // A fraction, or a number of more than 64 bits, has no one text.
  if (value->is_int64() || value->is_uint64()) return json::serialize(*value);
  return std::nullopt;
}

[[nodiscard]] std::optional<std::string> customer_of(const json::value& document, const rule& by) {
  for (const auto& pointer : by.customer_id) {
    if (auto found = id_at(document, pointer)) return found;
  }
  return std::nullopt;
}

[[nodiscard]] result<std::vector<scope>> scopes_by(const json::value& document, const rule& by) {
  const auto customer = customer_of(document, by);
  if (!customer) return errc::invalid_request;
  const auto conversation = by.conversation_id.empty() ? std::nullopt : id_at(document, by.conversation_id);
  std::vector<scope> out;
  if (by.agent_types.empty()) {
    CTX_TRY(auto whole, scope::of(*customer, std::nullopt, std::nullopt));
    out.push_back(std::move(whole));
  }
  for (const auto& agent_type : by.agent_types) {
    CTX_TRY(auto part, scope::of(*customer, agent_type, conversation));
    out.push_back(std::move(part));
  }
  return out;
}

}  // namespace

const rule* rule_for(std::string_view type, const std::vector<rule>& rules) {
  const auto found =
      std::ranges::find_if(rules, [&](const rule& one) { return glob_matches(one.type, type); });
  return found == rules.end() ? nullptr : &*found;
}

result<std::optional<std::vector<scope>>> scopes_of(const change& one, const std::vector<rule>& rules) {
  using found = std::optional<std::vector<scope>>;
  const auto* by = rule_for(one.type, rules);
  if (by == nullptr) return found{};
  if (by->everything) return found{std::vector{scope::everything()}};
  const auto document = parse_document(one.document);
  if (!document || !document->is_object()) return errc::invalid_document;
  CTX_TRY(auto scopes, scopes_by(*document, *by));
  return found{std::move(scopes)};
}

}  // namespace ctxcache::changes
