// GET /api/v1/context/cache/entries/{customer_id}/{agent_type}[/{conversation_id}].
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

#include "http/context_answer.hpp"
#include "http/handlers.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

[[nodiscard]] json::value to_json(const std::optional<explanation::copy>& held, time_point now) {
  if (!held || !held->value) return nullptr;
  const auto& value = *held->value;
  return json::object{
      {"valid", held->valid},
      {"age_s", age_of(value, now).count()},
      {"remaining_ttl_s", std::chrono::duration_cast<std::chrono::seconds>(held->remaining).count()},
      {"bytes", value.body.size()},
      {"stamp", to_string(value.stamp)},
      {"partial", value.partial},
      {"etag", value.etag}};
}

}  // namespace

asio::awaitable<answer> explain_entry(const service& on, const call& one) {
  key_ids ids{.customer_id = one.to.ids[0], .agent_type = one.to.ids[1]};
  if (one.to.id_count == 3) ids.conversation_id = one.to.ids[2];
  const auto wanted = key::make(ids);
  if (!wanted) co_return refuse(one, wanted.error());
  if (!on.cache.knows_agent_type(ids.agent_type)) co_return refuse(one, unknown_agent_type(on));
  key asked = *wanted;
  const auto known = co_await on.cache.explain(std::move(asked), one.until);

  const auto now = on.parts.time->now();
  json::object out{{"key", wanted->text()}, {"l1", to_json(known.l1, now)}, {"l2", to_json(known.l2, now)}};
  out["l2_error"] = known.l2_error ? json::value(code_name(*known.l2_error)) : json::value(nullptr);
  out["last_invalidated"] =
      known.last_invalidated ? json::value(to_string(*known.last_invalidated)) : json::value(nullptr);
  out["loading"] = known.loading;
  out["position"] = to_string(on.cache.at());
  answer result;
  result.text = json::serialize(out);
  co_return result;
}

}  // namespace ctxcache::http
