// POST and GET /api/v1/context/cache/warm, GET and DELETE /api/v1/context/cache/warm/{job}.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>

#include "http/handlers.hpp"
#include "http/query.hpp"
#include "http/warm_orders.hpp"
#include "warming/report_json.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::string_view warm_path = "/api/v1/context/cache/warm/";

[[nodiscard]] answer refuse_warming(const call& one) {
  return refuse(one, problem{404, "not_found", "this daemon does not warm"});
}

[[nodiscard]] answer job_answer(const call& one, const result<std::optional<warming::job_report>>& found) {
  if (!found) return refuse(one, found.error());
  if (!*found)
    return refuse(one, problem{404, "not_found", "there is no such job, or it ended over a day ago"});
  answer out;
  out.text = json::serialize(warming::to_json(**found));
  out.add("Cache-Control", "no-store");
  return out;
}

}  // namespace

asio::awaitable<answer> start_warming(const service& on, const call& one) {
  if (on.parts.warmer == nullptr) co_return refuse_warming(one);
  auto order = read_warm_order(on, one.from->body);
  if (!order) co_return refuse(one, order.error());
  if (auto why = on.parts.warmer->refusal(*order); !why.empty()) {
    const auto fault = fault_at("", std::move(why));
    co_return refuse(one, fault);
  }
  const auto begun = co_await on.parts.warmer->start(*std::move(order), one.until);
  if (!begun) co_return refuse(one, begun.error());
  answer out;
  out.status = begun->already_running ? 200 : 202;
  auto body = warming::to_json(begun->job);
  body["already_running"] = begun->already_running;
  out.text = json::serialize(body);
  out.add("Location", std::string{warm_path} + begun->job.id);
  co_return out;
}

asio::awaitable<answer> list_warming(const service& on, const call& one) {
  constexpr std::uint64_t limit_max = 100;
  if (on.parts.warmer == nullptr) co_return refuse_warming(one);
  const auto asked = query::read(one.to.query, {"limit"});
  if (!asked) co_return refuse(one, asked.error());
  const auto limit = asked->number("limit", 1, limit_max);
  if (!limit) co_return refuse(one, limit.error());
  const auto runs = co_await on.parts.warmer->runs(limit->value_or(limit_max), one.until);
  if (!runs) co_return refuse(one, runs.error());
  json::array all;
  for (const auto& run : *runs) all.push_back(warming::to_json(run));
  const json::object body{{"runs", std::move(all)}};
  answer out;
  out.text = json::serialize(body);
  out.add("Cache-Control", "no-store");
  co_return out;
}

asio::awaitable<answer> show_warming(const service& on, const call& one) {
  if (on.parts.warmer == nullptr) co_return refuse_warming(one);
  std::string id{one.to.ids[0]};
  const auto found = co_await on.parts.warmer->show(std::move(id), one.until);
  co_return job_answer(one, found);
}

asio::awaitable<answer> cancel_warming(const service& on, const call& one) {
  if (on.parts.warmer == nullptr) co_return refuse_warming(one);
  std::string id{one.to.ids[0]};
  const auto found = co_await on.parts.warmer->cancel(std::move(id), one.until);
  co_return job_answer(one, found);
}

}  // namespace ctxcache::http
