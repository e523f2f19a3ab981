// GET /api/v1/context/cache/invalidations?after=E.n&limit=N&wait=SECONDS.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <optional>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "http/handlers.hpp"
#include "http/query.hpp"
#include "http/receipts.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::uint64_t limit_max = 1'000;
constexpr std::uint64_t wait_seconds_max = 25;

struct wishes {
  std::optional<position> after{};
  std::size_t limit = 100;
  std::chrono::seconds wait{0};
};

[[nodiscard]] parsed<wishes> read_wishes(std::string_view text) {
  CTX_TRY(const auto asked, query::read(text, {"after", "limit", "wait"}));
  wishes out;
  if (const auto after = asked.find("after")) {
    out.after = parse_position(*after);
    if (!out.after) return query_fault("after is not a position as this list gives it");
  }
  CTX_TRY(const auto limit, asked.number("limit", 1, limit_max));
  CTX_TRY(const auto wait, asked.number("wait", 0, wait_seconds_max));
  if (wait && !out.after) return query_fault("wait needs after, the position behind which to wait");
  out.limit = limit.value_or(out.limit);
  out.wait = std::chrono::seconds{wait.value_or(0)};
  return out;
}

// Nobody who waits holds up a drain: each looks up twice a second.
[[nodiscard]] asio::awaitable<applied_page> next_page(const service& on, wishes how, deadline until) {
  constexpr boot_clock::duration look_every = std::chrono::milliseconds{500};
  const auto& time = *on.parts.time;
  auto left = std::min<boot_clock::duration>(how.wait, until.remaining(time.now()));
  while (true) {
    const auto pause = on.draining.load() ? left.zero() : std::min(left, look_every);
    const auto wake = deadline::after(time.now(), pause);
    auto page = co_await on.cache.applied(how.after, how.limit, wake);
    left -= pause;
    if (!page.messages.empty() || left <= left.zero() || on.draining.load()) co_return page;
  }
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
  const auto page = co_await next_page(on, *asked, one.until);
  answer out;
  for (const auto& each : page.messages) out.text += (out.text.empty() ? "" : ",") + json_of(each);
  out.text = fmt::format(R"({{"invalidations":[{}],"next":"{}"}})", out.text, to_string(page.next));
  out.add("Cache-Control", "no-store");
  co_return out;
}

}  // namespace ctxcache::http
