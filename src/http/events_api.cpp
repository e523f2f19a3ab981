// POST /api/v1/events, GET /api/v1/events?after=N&limit=N&wait=SECONDS.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/run_on.hpp"
#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "changes/cloud_event.hpp"
#include "changes/intake.hpp"
#include "changes/signatures.hpp"
#include "http/event_outcomes.hpp"
#include "http/handlers.hpp"
#include "http/header_values.hpp"
#include "http/long_poll.hpp"
#include "http/query.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;
using changes::outcome;

namespace {

[[nodiscard]] problem problem_of(const changes::refusal& why) {
  switch (why.what) {
    case changes::refusal::kind::unsupported:
      return {415, "unsupported_media_type", why.why};
    case changes::refusal::kind::too_many:
      return {413, "too_large", why.why};
    case changes::refusal::kind::malformed:
      break;
  }
  return {400, "invalid_request", why.why};
}

[[nodiscard]] changes::verdict verdict_on(const service& on, const request& from) {
  if (on.parts.signers.empty()) return {.what = changes::verdict::finding::good};
  const auto header = [&from](std::string_view name) { return value_in(from.lines, name); };
  return changes::verify(on.parts.signers, header, from.body, on.parts.time->wall());
}

[[nodiscard]] answer refuse_signature(const call& one, const changes::verdict& why) {
  auto out = refuse(
      one, problem{401, "unauthorized", "events have to be signed: " + std::string{changes::name(why.what)}});
  out.add("WWW-Authenticate", "Signature");
  return out;
}

[[nodiscard]] parsed<changes::event_list> read_events(const request& from,
                                                      const changes::verdict& signature) {
  std::vector<changes::header_field> fields;
  for (const auto& [name, value] : split_lines(from.lines)) fields.push_back({name, value});
  auto read = changes::read_events({.content_type = from.content_type,
                                    .headers = fields,
                                    .body = from.body,
                                    .signer = signature.signer,
                                    .delivery = signature.delivery});
  if (!read) return problem_of(read.error());
  return *std::move(read);
}

// One that could not even be read says so in its place of the batch.
[[nodiscard]] asio::awaitable<outcome> take_one(const service& on, changes::read_event read, deadline until) {
  if (!read) {
    on.parts.intake->count_unreadable();
    outcome refused{.what = outcome::verdict::rejected, .type = {}, .why = std::move(read.error().why)};
    refused.at = on.parts.time->wall();
    co_return refused;
  }
  auto taking = on.parts.intake->take(*std::move(read), until);
  co_return co_await std::move(taking);
}

}  // namespace

asio::awaitable<answer> take_events(const service& on, const call& one) {
  if (on.parts.intake == nullptr) co_return refuse_events(one);
  const auto signature = verdict_on(on, *one.from);
  if (signature.what != changes::verdict::finding::good) {
    on.parts.intake->count_unsigned();
    co_return refuse_signature(one, signature);
  }
  auto read = read_events(*one.from, signature);
  if (!read) {
    on.parts.intake->count_unreadable();
    co_return refuse(one, read.error());
  }
  if (!read->batch) {
    auto taking = on.parts.intake->take(*std::move(read->events.front()), one.until);
    const auto done = co_await std::move(taking);
    co_return answer_for(one, done);
  }
  // Side by side, so that those for one scope can be merged.
  std::vector<asio::awaitable<outcome>> taking;
  for (auto& each : read->events) taking.push_back(take_one(on, std::move(each), one.until));
  auto all = gather(std::move(taking));
  const auto done = co_await std::move(all);
  co_return answer_for(done);
}

asio::awaitable<answer> list_events(const service& on, const call& one) {
  if (on.parts.intake == nullptr) co_return refuse_events(one);
  const auto asked = query::read(one.to.query, {"after", "limit", "wait"});
  if (!asked) co_return refuse(one, asked.error());
  const auto after = asked->number("after", 0, std::numeric_limits<std::int64_t>::max());
  if (!after) co_return refuse(one, after.error());
  const auto page = read_paging(*asked);
  if (!page) co_return refuse(one, page.error());
  const auto look = [&on, &after, &page](deadline wake) {
    return on.parts.intake->recent(*after, page->limit, wake);
  };
  const auto found = [](const std::vector<outcome>& some) { return !some.empty(); };
  auto polling = long_poll(on, page->wait, one.until, look, found);
  const auto some = co_await std::move(polling);
  json::array events;
  for (const auto& each : some) events.push_back(to_json(each));
  // Numbers begin again with each start of the process, which `started_at` tells apart.
  const json::object body{{"events", std::move(events)},
                          {"next", some.empty() ? after->value_or(0) : some.back().number},
                          {"started_at", timestamp(on.started_wall)}};
  answer out;
  out.text = json::serialize(body);
  out.add("Cache-Control", "no-store");
  co_return out;
}

}  // namespace ctxcache::http
