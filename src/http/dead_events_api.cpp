// GET /api/v1/events/dead, POST /api/v1/events/dead/{number}/replay.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>

#include "base/timestamp.hpp"
#include "changes/intake.hpp"
#include "http/event_outcomes.hpp"
#include "http/handlers.hpp"
#include "http/json_body.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

// A list of a thousand large events would be more than anybody reads.
constexpr std::size_t document_bytes_max = std::size_t{16} << 10;

[[nodiscard]] json::object to_json(const changes::dead_letter& one) {
  const auto document =
      one.what.document.size() <= document_bytes_max ? parse_json(one.what.document) : std::nullopt;
  return {{"number", one.number},
          {"at", timestamp(one.at)},
          {"why", one.why},
          {"type", one.what.type},
          {"source", one.what.source},
          {"id", one.what.id},
          {"event", document.value_or(nullptr)}};
}

}  // namespace

asio::awaitable<answer> list_dead_events(const service& on, const call& one) {
  if (on.parts.intake == nullptr) co_return refuse_events(one);
  const auto letters = co_await on.parts.intake->dead_letters(one.until);
  if (!letters) co_return refuse(one, letters.error());
  json::array all;
  for (const auto& letter : *letters) all.push_back(to_json(letter));
  const json::object body{{"dead_letters", std::move(all)}};
  answer out;
  out.text = json::serialize(body);
  out.add("Cache-Control", "no-store");
  co_return out;
}

asio::awaitable<answer> replay_event(const service& on, const call& one) {
  if (on.parts.intake == nullptr) co_return refuse_events(one);
  std::string number{one.to.ids[0]};
  const auto done = co_await on.parts.intake->replay(std::move(number), one.until);
  if (!done) co_return refuse(one, done.error());
  if (!*done) {
    const problem why{404, "not_found", "there is no dead letter of that number"};
    co_return refuse(one, why);
  }
  co_return answer_for(one, **done);
}

}  // namespace ctxcache::http
