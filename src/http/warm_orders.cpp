#include "http/warm_orders.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/try.hpp"
#include "ctxcache/key.hpp"
#include "http/handlers.hpp"

namespace ctxcache::http {

namespace json = boost::json;

namespace {

constexpr std::size_t list_max = 100;
constexpr double concurrency_max = 1'024;
constexpr double loads_per_second_max = 1e6;

// "90s", "30m", "2h", "1d": as durations stand in the configuration.
[[nodiscard]] std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  if (failed != std::errc{}) return std::nullopt;
  if (unit == "s" || unit.empty()) return std::chrono::seconds{number};
  if (unit == "m") return std::chrono::minutes{number};
  if (unit == "h") return std::chrono::hours{number};
  if (unit == "d") return std::chrono::hours{24} * number;
  return std::nullopt;
}

[[nodiscard]] parsed<std::chrono::milliseconds> read_hold(const object_reader& from) {
  CTX_TRY(const auto text, from.text("hold"));
  if (!text) return std::chrono::milliseconds{0};
  const auto hold = duration_of(*text);
  if (!hold) return fault_at(from.pointer_to("hold"), "is a duration such as 30m or 2h");
  return *hold;
}

[[nodiscard]] parsed<std::vector<std::string>> read_segments(const object_reader& from) {
  CTX_TRY(auto segments, from.texts("segments", list_max));
  CTX_TRY(auto one, from.text("segment"));
  if (one && from.has("segments"))
    return fault_at(from.pointer_to("segment"), "stands beside segments; name all of them there");
  if (one) segments.push_back(*std::move(one));
  return segments;
}

[[nodiscard]] parsed<std::vector<std::string>> read_customers(const object_reader& from) {
  CTX_TRY(auto ids, from.texts("customer_ids", std::numeric_limits<std::size_t>::max()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (key::make({.customer_id = ids[i], .agent_type = "any"})) continue;
    return fault_at(from.pointer_to("customer_ids") + '/' + std::to_string(i),
                    "an id is 1 to 128 bytes of UTF-8");
  }
  return ids;
}

[[nodiscard]] parsed<std::vector<std::string>> read_agent_types(const service& on,
                                                                const object_reader& from) {
  CTX_TRY(auto types, from.texts("agent_types", list_max));
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (on.cache.knows_agent_type(types[i])) continue;
    auto why = unknown_agent_type(on);
    why.errors.push_back({from.pointer_to("agent_types") + '/' + std::to_string(i), "is not configured"});
    return why;
  }
  return types;
}

}  // namespace

parsed<warming::warm_order> read_warm_order(const service& on, std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return problem{400, "invalid_request", "the body is not JSON"};
  const auto* object = document->if_object();
  if (object == nullptr) return fault_at("", "must be an object");
  const object_reader from{*object, ""};
  if (auto wrong = from.only({"segments", "segment", "customer_ids", "agent_types", "refresh", "concurrency",
                              "loads_per_second", "hold"}))
    return std::move(*wrong);
  warming::warm_order out{.asked_by = "http"};
  CTX_TRY(out.segments, read_segments(from));
  CTX_TRY(out.customer_ids, read_customers(from));
  if (out.segments.empty() && out.customer_ids.empty())
    return fault_at("", "names nobody to warm: segments, customer_ids or both");
  CTX_TRY(out.agent_types, read_agent_types(on, from));
  CTX_TRY(out.refresh, from.flag("refresh"));
  CTX_TRY(const auto concurrency, from.number("concurrency", 1, concurrency_max));
  if (concurrency && *concurrency != std::floor(*concurrency))
    return fault_at(from.pointer_to("concurrency"), "is a whole number");
  out.concurrency = static_cast<std::size_t>(concurrency.value_or(0));
  CTX_TRY(const auto rate, from.number("loads_per_second", 1e-3, loads_per_second_max));
  out.loads_per_second = rate.value_or(0);
  CTX_TRY(out.hold, read_hold(from));
  return out;
}

}  // namespace ctxcache::http
