#include "http/handlers.hpp"

#include <utility>

#include "http/header_values.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;

answer refuse(const call& one, const problem& why) {
  return to_answer(why, one.from->request_id);
}

answer refuse(const call& one, const error_code& why) {
  return refuse(one, problem_of(why));
}

problem unknown_agent_type(const service& on) {
  auto why = problem_of(errc::unknown_agent_type);
  why.detail += ": ";
  for (const auto& known : on.cache.settings().agent_types) why.detail += known + ", ";
  why.detail.resize(why.detail.size() - 2);
  return why;
}

read_options options_of(const call& one) {
  read_options out{.until = one.until, .strict = one.from->consistency == "strict"};
  if (!one.from->min_position.empty()) out.min_position = parse_position(one.from->min_position);
  if (one.from->cache_control.empty()) return out;
  const auto asked = parse_cache_control(one.from->cache_control);
  out.no_cache = asked.no_cache;
  out.no_store = asked.no_store;
  out.only_if_cached = asked.only_if_cached;
  out.max_age = asked.max_age;
  return out;
}

namespace {

[[nodiscard]] answer options_answer(const call& one) {
  answer out{.status = 204};
  out.add("Allow", one.to.allow);
  return out;
}

[[nodiscard]] answer refuse_method(const call& one) {
  auto out = refuse(one, problem{405, "method_not_allowed", "the path is known, but not with this method"});
  out.add("Allow", one.to.allow);
  return out;
}

[[nodiscard]] std::optional<answer> refuse_wishes(const call& one) {
  const auto& place = one.from->min_position;
  if (!place.empty() && !parse_position(place)) {
    return refuse(
        one, problem{400, "invalid_request", "Ctx-Min-Position is not a position as Ctx-Position gives it"});
  }
  const auto& how = one.from->consistency;
  if (!how.empty() && how != "strict" && how != "bounded")
    return refuse(one, problem{400, "invalid_request", "Ctx-Consistency is strict or bounded"});
  return std::nullopt;
}

}  // namespace

std::optional<answer> answer_now(const service& on, const call& one) {
  if (auto refused = refuse_wishes(one)) return refused;
  switch (one.to.to) {
    case endpoint::context_get:
      return find_context(on, one);
    case endpoint::stats:
      return show_stats(on, one);
    case endpoint::health:
      return show_health(on, one);
    case endpoint::live:
      return show_live(on, one);
    case endpoint::ready:
      return show_ready(on, one);
    case endpoint::metrics:
      return show_metrics(on);
    case endpoint::options:
      return options_answer(one);
    case endpoint::method_not_allowed:
      return refuse_method(one);
    case endpoint::not_found:
      return refuse(one, problem{404, "not_found", "no such path"});
    case endpoint::malformed:
      return refuse(one, problem{400, "invalid_request", "an escape in the path is not % and two digits"});
    default:
      return std::nullopt;
  }
}

asio::awaitable<answer> answer_later(const service& on, const call& one) {
  switch (one.to.to) {
    case endpoint::context_get:
      return get_context(on, one);
    case endpoint::context_put:
      return put_context(on, one);
    case endpoint::context_delete:
      return delete_context(on, one);
    case endpoint::batch:
      return get_batch(on, one);
    case endpoint::invalidate:
      return invalidate_scopes(on, one);
    case endpoint::invalidations:
      return list_invalidations(on, one);
    case endpoint::fences:
      return show_fence(on, one);
    case endpoint::warm_post:
      return start_warming(on, one);
    case endpoint::warm_list:
      return list_warming(on, one);
    case endpoint::warm_get:
      return show_warming(on, one);
    case endpoint::warm_delete:
      return cancel_warming(on, one);
    case endpoint::events_post:
      return take_events(on, one);
    case endpoint::events_list:
      return list_events(on, one);
    case endpoint::events_dead:
      return list_dead_events(on, one);
    case endpoint::events_replay:
      return replay_event(on, one);
    default:
      return explain_entry(on, one);
  }
}

}  // namespace ctxcache::http
