#include "http/event_outcomes.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/timestamp.hpp"
#include "http/receipts.hpp"

namespace ctxcache::http {

namespace json = boost::json;
using verdict = changes::outcome::verdict;

json::object to_json(const changes::outcome& done) {
  json::array receipts;
  for (const auto& one : done.receipts) receipts.push_back(to_json(one));
  json::object out{{"number", done.number},
                   {"at", timestamp(done.at)},
                   {"verdict", changes::name(done.what)},
                   {"type", done.type},
                   {"source", done.source},
                   {"id", done.id},
                   {"receipts", std::move(receipts)}};
  if (const auto failed = failure_of(done)) {
    out["code"] = failed->code;
    out["detail"] = failed->detail;
  }
  return out;
}

int status_of(const changes::outcome& done) {
  if (const auto failed = failure_of(done)) return failed->status;
  if (done.what == verdict::ignored) return 202;
  int status = 200;
  for (const auto& one : done.receipts) status = std::max(status, status_of(one));
  return status;
}

std::optional<problem> failure_of(const changes::outcome& done) {
  if (done.what == verdict::rejected) return problem{422, "invalid_request", done.why};
  if (done.what != verdict::failed) return std::nullopt;
  auto why = problem_of(done.error);
  if (!done.why.empty()) why.detail = done.why;
  return why;
}

answer answer_for(const call& one, const changes::outcome& done) {
  if (const auto failed = failure_of(done)) return refuse(one, *failed);
  answer out;
  out.status = status_of(done);
  out.text = json::serialize(to_json(done));
  return out;
}

answer answer_for(const std::vector<changes::outcome>& all) {
  json::array results;
  std::size_t failed = 0;
  std::size_t ignored = 0;
  int status = 200;
  for (const auto& one : all) {
    const int own = status_of(one);
    failed += failure_of(one) ? 1 : 0;
    ignored += one.what == verdict::ignored ? 1 : 0;
    // That some are ignored does not change what the others say.
    if (one.what != verdict::ignored) status = std::max(status, own);
    auto said = to_json(one);
    said["status"] = own;
    results.push_back(std::move(said));
  }
  if (!all.empty() && ignored == all.size()) status = 202;
  answer out;
  out.status = failed != 0 && failed != all.size() ? 207 : status;
  out.text = json::serialize(json::object{{"results", std::move(results)}});
  if (out.status == 503) out.add("Retry-After", "1");
  return out;
}

answer refuse_events(const call& one) {
  return refuse(one, problem{404, "not_found", "this daemon takes no change events"});
}

}  // namespace ctxcache::http
