#include "http/receipts.hpp"

namespace ctxcache::http {

namespace json = boost::json;

json::object to_json(const scope& what) {
  return {{"kind", name(what.kind())}, {"text", what.text()}};
}

json::object to_json(const receipt& done) {
  // No fence and no queue yet: both come with the log in Redis, their places are kept.
  return {{"position", to_string(done.at)},
          {"scope", to_json(done.what)},
          {"matched_l1", done.matched_l1},
          {"unlinked_l2", done.unlinked_l2},
          {"l2_reached", done.l2_reached},
          {"fence", nullptr},
          {"queued", false}};
}

json::object to_json(const scope& what, const preview& would) {
  json::object out{{"dry_run", true}, {"scope", to_json(what)}, {"matched_l1", would.matched_l1}};
  out["matched_l2"] = would.matched_l2 ? json::value(*would.matched_l2) : json::value(nullptr);
  return out;
}

}  // namespace ctxcache::http
