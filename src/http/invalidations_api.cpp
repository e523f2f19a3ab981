// GET /api/v1/context/cache/invalidations?after=E.n&limit=N&wait=SECONDS.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "http/handlers.hpp"
#include "http/long_poll.hpp"
#include "http/query.hpp"
#include "http/receipts.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

struct wishes {
  std::optional<position> after{};
  paging page{};
};

[[nodiscard]] parsed<wishes> read_wishes(std::string_view text) {
  CTX_TRY(const auto asked, query::read(text, {"after", "limit", "wait"}));
  wishes out;
  if (const auto after = asked.find("after")) {
    out.after = parse_position(*after);
    if (!out.after) return query_fault("after is not a position as this list gives it");
  }
  CTX_TRY(out.page, read_paging(asked));
  return out;
}

[[nodiscard]] std::string json_of(const applied_message& one) {
  const auto& said = one.message.said;
  const json::value origin = said.member.empty() ? json::value(nullptr) : json::value(said.member);
  const auto said_at = said.said_at == wall_time{} ? "null" : fmt::format("\"{}\"", timestamp(said.said_at));
  const auto lag = one.lag ? fmt::format("{:.3f}", static_cast<double>(one.lag->count()) / 1'000) : "null";
  return fmt::format(
      R"({{"position":"{}","scope":{},"reason":{},"origin":{},"fence":{},"said_at":{},"applied_at":"{}",)"
      R"("lag_ms":{}}})",
      to_string(one.message.at), json::serialize(to_json(said.what)),
      json::serialize(json::value(said.reason)), json::serialize(origin), said.fence, said_at,
      timestamp(one.applied_at), lag);
}

}  // namespace

asio::awaitable<answer> list_invalidations(const service& on, const call& one) {
  const auto asked = read_wishes(one.to.query);
  if (!asked) co_return refuse(one, asked.error());
  const auto look = [&on, &asked](deadline wake) {
    return on.cache.applied(asked->after, asked->page.limit, wake);
  };
  const auto found = [](const applied_page& page) { return !page.messages.empty(); };
  auto polling = long_poll(on, asked->page.wait, one.until, look, found);
  const auto page = co_await std::move(polling);
  answer out;
  for (const auto& each : page.messages) out.text += (out.text.empty() ? "" : ",") + json_of(each);
  out.text = fmt::format(R"({{"invalidations":[{}],"next":"{}"}})", out.text, to_string(page.next));
  out.add("Cache-Control", "no-store");
  co_return out;
}

}  // namespace ctxcache::http
