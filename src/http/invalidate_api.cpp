// POST /api/v1/context/cache/invalidate.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "http/handlers.hpp"
#include "http/invalidation_orders.hpp"
#include "http/receipts.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

struct outcome {
  json::object said;
  int status = 200;
  std::optional<problem> failed;
};

[[nodiscard]] asio::awaitable<outcome> carry_out(const service& on, order what, deadline until) {
  outcome out;
  if (what.dry_run) {
    scope asked = what.what;
    const preview would = co_await on.cache.preview_of(std::move(asked), until);
    out.said = to_json(what.what, would);
    co_return out;
  }
  invalidation asked{.what = std::move(what.what), .reason = std::move(what.reason), .fence = what.fence};
  const auto done = co_await on.cache.invalidate(std::move(asked), until);
  if (done) {
    out.said = to_json(*done);
    out.status = status_of(*done);
    co_return out;
  }
  out.failed = problem_of(done.error());
  out.said = {{"status", out.failed->status}, {"code", out.failed->code}, {"detail", out.failed->detail}};
  co_return out;
}

}  // namespace

asio::awaitable<answer> invalidate_scopes(const service& on, const call& one) {
  auto asked = read_orders(on, one.from->body);
  if (!asked) co_return refuse(one, asked.error());
  json::array results;
  bool all_done = true;
  int status = 200;
  for (auto& each : asked->list) {
    auto done = co_await carry_out(on, std::move(each), one.until);
    if (done.failed && !asked->several) co_return refuse(one, *done.failed);
    all_done = all_done && !done.failed && done.status != 503;
    status = std::max(status, done.status);
    results.push_back(std::move(done.said));
  }
  answer out;
  // 207: some of a list failed, and which ones stands in it.
  out.status = asked->several && !all_done ? 207 : status;
  const json::object list{{"results", results}};
  out.text = asked->several ? json::serialize(list) : json::serialize(results.front());
  out.add("Ctx-Position", to_string(on.cache.at()));
  co_return out;
}

}  // namespace ctxcache::http
