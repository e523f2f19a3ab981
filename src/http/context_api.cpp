// GET, PUT and DELETE of /api/v1/context/{customer_id}/{agent_type}[/{conversation_id}].
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "http/context_answer.hpp"
#include "http/handlers.hpp"
#include "http/header_values.hpp"
#include "http/json_body.hpp"
#include "http/receipts.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

[[nodiscard]] key_ids ids_of(const route& to) {
  key_ids out{.customer_id = to.ids[0], .agent_type = to.ids[1]};
  if (to.id_count == 3) out.conversation_id = to.ids[2];
  return out;
}

[[nodiscard]] bool skips_cache(const read_options& asked) {
  return asked.no_cache || asked.no_store;
}

[[nodiscard]] answer context_answer(const service& on, const call& one, const lookup& got,
                                    const read_options& asked, time_point now) {
  answer out;
  out.origin = name(got.from);
  const auto status = cache_status(got, asked);
  const fmt::format_int age{age_of(*got.value, now).count()};
  out.add("ETag", got.value->etag);
  out.add("Cache-Status", {status.data(), status.size()});
  out.add("Age", {age.data(), age.size()});
  out.add("Cache-Control", "no-store");
  out.add("Ctx-Position", position_text(on.cache.at()));
  if (got.value->partial) out.add("Ctx-Partial", "1");
  if (!one.from->if_none_match.empty() && names_etag(one.from->if_none_match, got.value->etag)) {
    out.status = 304;
    return out;
  }
  out.value = got.value;
  return out;
}

}  // namespace

std::optional<answer> find_context(const service& on, const call& one) {
  const auto ids = ids_of(one.to);
  key_buffer buffer;
  const auto wanted = buffer.encode(ids);
  if (!wanted) return refuse(one, wanted.error());
  if (!on.cache.knows_agent_type(ids.agent_type)) return refuse(one, unknown_agent_type(on));
  const auto asked = options_of(one);
  if (skips_cache(asked)) return std::nullopt;
  const auto hit = on.cache.find(*wanted, asked, one.now);
  if (!hit) return std::nullopt;
  return context_answer(on, one, *hit, asked, one.now);
}

asio::awaitable<answer> get_context(const service& on, const call& one) {
  auto wanted = key::make(ids_of(one.to));
  if (!wanted) co_return refuse(one, wanted.error());
  const auto asked = options_of(one);
  const bool l1_missed = !skips_cache(asked);
  const auto got = co_await on.cache.get(std::move(*wanted), asked, l1_missed);
  if (!got) co_return refuse(one, got.error());
  co_return context_answer(on, one, *got, asked, on.parts.time->now());
}

asio::awaitable<answer> put_context(const service& on, const call& one) {
  const auto ids = ids_of(one.to);
  auto where = key::make(ids);
  if (!where) co_return refuse(one, where.error());
  if (!on.cache.knows_agent_type(ids.agent_type)) co_return refuse(one, unknown_agent_type(on));
  if (!accepts_as_json(one.from->content_type)) {
    const problem why{415, "unsupported_media_type", "a context is stored as application/json"};
    co_return refuse(one, why);
  }
  const auto document = parse_json(one.from->body);
  if (!document) {
    const problem why{400, "invalid_document", "the body is not JSON"};
    co_return refuse(one, why);
  }
  if (!document->is_object()) {
    const problem why{422, "invalid_document", "a context is a JSON object"};
    co_return refuse(one, why);
  }
  std::string body = one.from->body;
  const auto done = co_await on.cache.put(std::move(*where), std::move(body), one.until);
  if (!done) co_return refuse(one, done.error());

  const std::string at = done->queued ? "" : to_string(done->at);
  json::object out{{"customer_id", ids.customer_id}, {"agent_type", ids.agent_type}};
  if (ids.conversation_id) out["conversation_id"] = *ids.conversation_id;
  out["etag"] = done->value->etag;
  out["position"] = done->queued ? json::value(nullptr) : json::value(at);
  out["stored"] = json::object{{"l1", done->stored_l1}, {"l2", done->stored_l2}};
  out["queued"] = done->queued;
  answer result;
  if (done->queued) result.status = 202;
  result.text = json::serialize(out);
  result.add("ETag", done->value->etag);
  if (!done->queued) result.add("Ctx-Position", at);
  co_return result;
}

asio::awaitable<answer> delete_context(const service& on, const call& one) {
  const auto ids = one.to.given();
  const auto agent_type = ids.size() > 1 ? std::optional{ids[1]} : std::nullopt;
  const auto conversation_id = ids.size() > 2 ? std::optional{ids[2]} : std::nullopt;
  auto what = scope::of(ids[0], agent_type, conversation_id);
  if (!what) co_return refuse(one, what.error());
  if (agent_type && !on.cache.knows_agent_type(*agent_type)) co_return refuse(one, unknown_agent_type(on));
  invalidation message{.what = *std::move(what)};
  const auto done = co_await on.cache.invalidate(std::move(message), one.until);
  if (!done) co_return refuse(one, done.error());
  answer out;
  out.status = status_of(*done);
  out.text = json::serialize(to_json(*done));
  if (!done->queued) out.add("Ctx-Position", to_string(done->at));
  co_return out;
}

}  // namespace ctxcache::http
