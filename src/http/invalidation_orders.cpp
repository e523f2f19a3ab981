#include "http/invalidation_orders.hpp"

#include <boost/json/array.hpp>
#include <utility>

#include "base/try.hpp"
#include "http/handlers.hpp"

namespace ctxcache::http {

namespace json = boost::json;

namespace {

constexpr std::size_t scopes_max = 1'000;
constexpr std::size_t reason_bytes_max = 200;

struct order_options {
  std::string reason;
  bool dry_run = false;
  bool fence = false;
};

[[nodiscard]] parsed<order_options> read_options_of(const object_reader& from, order_options inherited) {
  CTX_TRY(auto reason, from.text("reason"));
  if (reason && reason->size() > reason_bytes_max)
    return fault_at(from.pointer_to("reason"), "is longer than 200 bytes");
  if (reason) inherited.reason = std::move(*reason);
  if (from.has("dry_run")) {
    CTX_TRY(inherited.dry_run, from.flag("dry_run"));
  }
  if (from.has("fence")) {
    CTX_TRY(inherited.fence, from.flag("fence"));
  }
  return inherited;
}

// An id or pattern that cannot be, at its place.
[[nodiscard]] problem wrong_value(const error_code& error, const std::string& pointer) {
  auto out = problem_of(error);
  out.errors.push_back({pointer, out.detail});
  return out;
}

[[nodiscard]] parsed<scope> read_scope_of_ids(const service& on, const object_reader& from) {
  CTX_TRY(const auto ids, read_ids(from));
  if (ids.agent_type && !on.cache.knows_agent_type(*ids.agent_type)) {
    auto why = unknown_agent_type(on);
    why.errors.push_back({from.pointer_to("agent_type"), "is not configured"});
    return why;
  }
  auto what = scope::of(ids.customer_id, ids.agent_type, ids.conversation_id);
  if (!what) return wrong_value(what.error(), from.pointer());
  return std::move(*what);
}

[[nodiscard]] parsed<scope> read_scope(const service& on, const object_reader& from) {
  const bool ids = from.has("customer_id") || from.has("agent_type") || from.has("conversation_id");
  const int selectors = int{ids} + int{from.has("pattern")} + int{from.has("all")};
  if (selectors != 1)
    return fault_at(from.pointer(),
                    "must name exactly one of customer_id (with agent_type, conversation_id), "
                    "pattern, all");
  if (from.has("pattern")) {
    CTX_TRY(const auto glob, from.required_text("pattern"));
    auto what = scope::matching(glob);
    if (!what) return wrong_value(what.error(), from.pointer_to("pattern"));
    return std::move(*what);
  }
  if (from.has("all")) {
    CTX_TRY(const bool all, from.flag("all"));
    if (!all) return fault_at(from.pointer_to("all"), "must be true");
    return scope::everything();
  }
  return read_scope_of_ids(on, from);
}

[[nodiscard]] parsed<order> read_order(const service& on, const json::value& one, const std::string& pointer,
                                       const order_options& inherited) {
  const auto* object = one.if_object();
  if (object == nullptr) return fault_at(pointer, "must be an object");
  const object_reader from{*object, pointer};
  if (auto wrong = from.only(
          {"customer_id", "agent_type", "conversation_id", "pattern", "all", "fence", "dry_run", "reason"}))
    return std::move(*wrong);
  CTX_TRY(auto options, read_options_of(from, inherited));
  CTX_TRY(auto what, read_scope(on, from));
  return order{.what = std::move(what),
               .reason = std::move(options.reason),
               .dry_run = options.dry_run,
               .fence = options.fence};
}

[[nodiscard]] parsed<orders> read_list(const service& on, const json::value& list, const std::string& pointer,
                                       const order_options& inherited) {
  const auto* items = list.if_array();
  if (items == nullptr || items->empty() || items->size() > scopes_max)
    return fault_at(pointer, "must be a list of 1 to 1000 objects");
  orders out{.several = true};
  for (std::size_t i = 0; i < items->size(); ++i) {
    CTX_TRY(auto one, read_order(on, (*items)[i], pointer + '/' + std::to_string(i), inherited));
    out.list.push_back(std::move(one));
  }
  return out;
}

}  // namespace

parsed<orders> read_orders(const service& on, std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return problem{400, "invalid_request", "the body is not JSON"};
  if (document->is_array()) return read_list(on, *document, "", {});
  const auto* object = document->if_object();
  if (object != nullptr && object->if_contains("scopes") != nullptr) {
    const object_reader from{*object, ""};
    if (auto wrong = from.only({"scopes", "fence", "dry_run", "reason"})) return std::move(*wrong);
    CTX_TRY(const auto options, read_options_of(from, {}));
    return read_list(on, object->at("scopes"), "/scopes", options);
  }
  CTX_TRY(auto one, read_order(on, *document, "", {}));
  orders out;
  out.list.push_back(std::move(one));
  return out;
}

}  // namespace ctxcache::http
