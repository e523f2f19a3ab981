#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "http/answer.hpp"
#include "http/problem.hpp"
#include "http/service.hpp"

namespace ctxcache::http {

/// Answers what needs no waiting: L1 hits, refusals, the pages about ourselves. Nothing: ask `answer_later`.
[[nodiscard]] std::optional<answer> answer_now(const service& on, const call& one);
/// Answers the rest. Both arguments outlive it.
[[nodiscard]] boost::asio::awaitable<answer> answer_later(const service& on, const call& one);

// One file each; `find_context` has looked and missed before `get_context` is called.
[[nodiscard]] std::optional<answer> find_context(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> get_context(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> put_context(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> delete_context(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> get_batch(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> invalidate_scopes(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> list_invalidations(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> show_fence(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> explain_entry(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> take_events(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> list_events(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> list_dead_events(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> replay_event(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> start_warming(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> list_warming(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> show_warming(const service& on, const call& one);
[[nodiscard]] boost::asio::awaitable<answer> cancel_warming(const service& on, const call& one);
[[nodiscard]] answer show_stats(const service& on, const call& one);
[[nodiscard]] answer show_health(const service& on, const call& one);
[[nodiscard]] answer show_live(const service& on, const call& one);
[[nodiscard]] answer show_ready(const service& on, const call& one);
[[nodiscard]] answer show_metrics(const service& on);

// What several of them say.
[[nodiscard]] answer refuse(const call& one, const problem& why);
[[nodiscard]] answer refuse(const call& one, const error_code& why);
[[nodiscard]] problem unknown_agent_type(const service& on);
/// What the request's Cache-Control, Ctx-Min-Position and Ctx-Consistency ask of a read; the latter two have
/// been checked.
[[nodiscard]] read_options options_of(const call& one);

}  // namespace ctxcache::http
