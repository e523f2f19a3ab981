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
  std::optional<receipt> done;
  bool fence = false;  // asked for

  void take(receipt what) {
    said = to_json(what);
    status = status_of(what);
    done = std::move(what);
  }
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
  auto done = co_await on.cache.invalidate(std::move(asked), until);
  if (done) {
    out.take(*std::move(done));
    co_return out;
  }
  out.failed = problem_of(done.error());
  out.said = {{"status", out.failed->status}, {"code", out.failed->code}, {"detail", out.failed->detail}};
  co_return out;
}

// Of a list only the last order that wants a fence waits for one: it covers what was published before it in
// the same epoch.
void share_fence(std::vector<outcome>& all) {
  const auto last = std::ranges::find_if(all.rbegin(), all.rend(), &outcome::fence);
  if (last == all.rend()) return;
  for (auto& one : all) {
    if (!one.fence || !one.done || one.done->fenced) continue;
    auto done = *std::move(one.done);
    done.fenced = last->done ? last->done->fenced : receipt::fence{};
    auto& known = done.fenced->report;
    known.confirmed = known.confirmed && !done.queued && last->done->at.epoch == done.at.epoch;
    one.take(std::move(done));
  }
}

[[nodiscard]] asio::awaitable<std::vector<outcome>> carry_out_all(const service& on, std::vector<order> all,
                                                                  deadline until) {
  std::vector<outcome> out;
  const auto waits = [](const order& one) { return one.fence && !one.dry_run; };
  for (auto one = all.begin(); one != all.end(); ++one) {
    const bool fence = waits(*one);
    order next = std::move(*one);
    next.fence = fence && std::find_if(one + 1, all.end(), waits) == all.end();
    outcome done = co_await carry_out(on, std::move(next), until);
    done.fence = fence;
    out.push_back(std::move(done));
  }
  share_fence(out);
  co_return out;
}

}  // namespace

asio::awaitable<answer> invalidate_scopes(const service& on, const call& one) {
  auto asked = read_orders(on, one.from->body);
  if (!asked) co_return refuse(one, asked.error());
  auto outcomes = co_await carry_out_all(on, std::move(asked->list), one.until);
  if (!asked->several && outcomes.front().failed) co_return refuse(one, *outcomes.front().failed);
  json::array results;
  bool all_done = true;
  int status = 200;
  for (auto& each : outcomes) {
    all_done = all_done && !each.failed && each.status != 503;
    status = std::max(status, each.status);
    results.push_back(std::move(each.said));
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
