#include "http/receipts.hpp"

#include <boost/json/array.hpp>

namespace ctxcache::http {

namespace json = boost::json;

json::object to_json(const scope& what) {
  return {{"kind", name(what.kind())}, {"text", what.text()}};
}

json::object to_json(const invalidation_log::fence_report& known) {
  json::array members;
  for (const auto& one : known.members) {
    members.push_back(json::object{{"id", one.id}, {"applied", one.applied}});
  }
  return {{"confirmed", known.confirmed}, {"members", members}};
}

json::object to_json(const receipt& done) {
  json::value fence = nullptr;
  if (done.fenced) {
    auto known = to_json(done.fenced->report);
    known["waited_ms"] = done.fenced->waited.count();
    fence = std::move(known);
  }
  return {{"position", done.queued ? json::value(nullptr) : json::value(to_string(done.at))},
          {"scope", to_json(done.what)},
          {"matched_l1", done.matched_l1},
          {"unlinked_l2", done.unlinked_l2},
          {"l2_reached", done.l2_reached},
          {"fence", fence},
          {"queued", done.queued}};
}

int status_of(const receipt& done) {
  if (done.fenced && !done.fenced->report.confirmed) return 503;
  return done.queued ? 202 : 200;
}

json::object to_json(const scope& what, const preview& would) {
  json::array l1;
  for (const auto& one : would.l1) {
    l1.push_back(json::object{{"id", one.member.empty() ? json::value(nullptr) : json::value(one.member)},
                              {"entries", one.entries ? json::value(*one.entries) : json::value(nullptr)}});
  }
  json::object out{{"dry_run", true}, {"scope", to_json(what)}, {"matched_l1", would.matched_l1}, {"l1", l1}};
  out["matched_l2"] = would.matched_l2 ? json::value(*would.matched_l2) : json::value(nullptr);
  out["expected_loads"] = would.expected_loads ? json::value(*would.expected_loads) : json::value(nullptr);
  return out;
}

}  // namespace ctxcache::http
