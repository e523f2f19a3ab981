// GET /api/v1/context/cache/fences/{position}.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "http/handlers.hpp"
#include "http/receipts.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

asio::awaitable<answer> show_fence(const service& on, const call& one) {
  const auto at = parse_position(one.to.ids[0]);
  if (!at) {
    co_return refuse(one,
                     problem{400, "invalid_request", "not a position as an invalidation's answer gives it"});
  }
  const auto known = co_await on.cache.fence_at(*at, one.until);
  if (!known) co_return refuse(one, known.error());
  answer out;
  json::object body{{"position", to_string(*at)}, {"fence", to_json(*known)}};
  out.text = json::serialize(body);
  out.add("Cache-Control", "no-store");
  co_return out;
}

}  // namespace ctxcache::http
