#include "http/router.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ctxcache::http {
namespace {

struct expectation {
  method verb;
  std::string target;
  endpoint to;
  std::vector<std::string> ids = {};
};

class routes : public testing::TestWithParam<expectation> {};

TEST_P(routes, lead_where_they_should) {
  request from{.verb = GetParam().verb, .target = GetParam().target};
  const auto found = find_route(from);
  EXPECT_EQ(name(found.to), name(GetParam().to)) << GetParam().target;
  const auto ids = found.given();
  EXPECT_EQ(std::vector<std::string>(ids.begin(), ids.end()), GetParam().ids) << GetParam().target;
}

using m = method;
using e = endpoint;
const std::string context = "/api/v1/context";

TEST(route, keeps_the_query_as_it_came) {
  const auto query = [](std::string target) {
    request from{.verb = m::get, .target = std::move(target)};
    return std::string{find_route(from).query};
  };
  EXPECT_EQ(query(context + "/a%2Fb/support?x=%41&y"), "x=%41&y");
  EXPECT_EQ(query(context + "/c/support"), "");
  EXPECT_EQ(query(context + "/c/support?"), "");
  EXPECT_EQ(query("http://host:1" + context + "/c/support?x=1"), "x=1");
}

INSTANTIATE_TEST_SUITE_P(
    table, routes,
    testing::Values(
        expectation{m::get, context + "/c/support", e::context_get, {"c", "support"}},
        expectation{m::head, context + "/c/support", e::context_get, {"c", "support"}},
        expectation{m::get, context + "/c/support?x=1", e::context_get, {"c", "support"}},
        expectation{m::get, "http://host:1" + context + "/c/support", e::context_get, {"c", "support"}},
        expectation{m::get, context + "/c/support/talk", e::context_get, {"c", "support", "talk"}},
        expectation{m::put, context + "/c/support", e::context_put, {"c", "support"}},
        expectation{m::delete_, context + "/c", e::context_delete, {"c"}},
        expectation{m::delete_, context + "/c/support", e::context_delete, {"c", "support"}},
        expectation{m::delete_, context + "/c/support/talk", e::context_delete, {"c", "support", "talk"}},
        expectation{m::get, context + "/c/", e::context_get, {"c", ""}},
        expectation{m::get, context + "//support", e::context_get, {"", "support"}},
        // A customer may be called like a word of the path.
        expectation{m::get, context + "/cache/support", e::context_get, {"cache", "support"}},
        expectation{m::delete_, context + "/cache", e::context_delete, {"cache"}},
        expectation{m::get, context + "/cache/entries/c", e::context_get, {"cache", "entries", "c"}},
        expectation{m::delete_, context + "/batch", e::context_delete, {"batch"}},
        expectation{m::get, context + "/batch/support", e::context_get, {"batch", "support"}},
        expectation{m::get, context + "/c%61che/stats", e::context_get, {"cache", "stats"}},
        expectation{m::get, context + "/cache/stats", e::stats},
        expectation{m::post, context + "/cache/invalidate", e::invalidate},
        expectation{m::get, context + "/cache/invalidations?after=1", e::invalidations},
        expectation{m::put, context + "/cache/invalidations", e::method_not_allowed},
        expectation{m::get, context + "/cache/entries/c/support", e::entries, {"c", "support"}},
        expectation{m::get, context + "/cache/entries/c/support/t", e::entries, {"c", "support", "t"}},
        expectation{m::post, context + "/cache/warm", e::warm_post},
        expectation{m::get, context + "/cache/warm", e::warm_list},
        expectation{m::get, context + "/cache/warm/j%201", e::warm_get, {"j 1"}},
        expectation{m::delete_, context + "/cache/warm/j1", e::warm_delete, {"j1"}},
        expectation{m::delete_, context + "/cache/warm", e::method_not_allowed},
        expectation{m::post, "/api/v1/events", e::events_post},
        expectation{m::get, "/api/v1/events?wait=1", e::events_list},
        expectation{m::get, "/api/v1/events/dead", e::events_dead},
        expectation{m::post, "/api/v1/events/dead/7/replay", e::events_replay, {"7"}},
        expectation{m::get, "/api/v1/events/7", e::not_found},
        expectation{m::post, context + "/batch", e::batch}, expectation{m::get, "/api/v1/health", e::health},
        expectation{m::get, "/livez", e::live}, expectation{m::get, "/healthz", e::live},
        expectation{m::get, "/readyz", e::ready}, expectation{m::get, "/metrics", e::metrics},
        expectation{m::get, "/", e::not_found}, expectation{m::get, "/nothing", e::not_found},
        expectation{m::get, "*", e::not_found}, expectation{m::get, "nonsense", e::not_found},
        expectation{m::get, "/metrics/", e::not_found},
        expectation{m::get, "/1/2/3/4/5/6/7/8/9/10", e::not_found},
        expectation{m::put, context + "/cache/stats", e::method_not_allowed},
        expectation{m::post, context + "/c/support", e::method_not_allowed},
        expectation{m::get, context + "/c", e::method_not_allowed},
        expectation{m::other, "/metrics", e::method_not_allowed},
        expectation{m::options, "/metrics", e::options}, expectation{m::options, "*", e::options},
        // Decoded once, inside its segment.
        expectation{m::get, context + "/a%2Fb/support", e::context_get, {"a/b", "support"}},
        expectation{m::get, context + "/a%252Fb/support", e::context_get, {"a%2Fb", "support"}},
        expectation{
            m::get, context + "/%c3%A4%00/s%20t", e::context_get, {std::string{"\xc3\xa4\0", 3}, "s t"}},
        expectation{m::get, context + "/a+b/..", e::context_get, {"a+b", ".."}},
        expectation{m::get, context + "/a%/support", e::malformed},
        expectation{m::get, context + "/a%2/support", e::malformed},
        expectation{m::get, context + "/a%zz/support", e::malformed}));

TEST(router, says_what_is_allowed) {
  const auto allow = [](const std::string& target) {
    request from{.verb = method::options, .target = target};
    return find_route(from).allow;
  };
  EXPECT_EQ(allow(context + "/c/support"), "GET, HEAD, PUT, DELETE, OPTIONS");
  EXPECT_EQ(allow(context + "/c/support/t"), "GET, HEAD, PUT, DELETE, OPTIONS");
  EXPECT_EQ(allow(context + "/c"), "DELETE, OPTIONS");
  EXPECT_EQ(allow(context + "/batch"), "POST, DELETE, OPTIONS");
  EXPECT_EQ(allow(context + "/cache/invalidate"), "POST, OPTIONS");
  EXPECT_EQ(allow(context + "/cache/stats"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(allow(context + "/cache/warm"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(allow(context + "/cache/warm/j"), "GET, HEAD, DELETE, OPTIONS");
}

}  // namespace
}  // namespace ctxcache::http
