#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "http_client.hpp"
#include "terminal.hpp"

namespace ctxcache::client {

inline constexpr std::string_view context_path = "/api/v1/context";
inline constexpr std::string_view entries_path = "/api/v1/context/cache/entries";
inline constexpr std::string_view invalidate_path = "/api/v1/context/cache/invalidate";
inline constexpr std::string_view invalidations_path = "/api/v1/context/cache/invalidations";
inline constexpr std::string_view warm_path = "/api/v1/context/cache/warm";
inline constexpr std::string_view events_path = "/api/v1/events";
inline constexpr std::string_view dead_events_path = "/api/v1/events/dead";
inline constexpr std::string_view stats_path = "/api/v1/context/cache/stats";

/// What every verb that asks a daemon is given.
struct daemon {
  daemon_address where;
  std::chrono::milliseconds timeout{30'000};
  bool as_json = false;
  terminal screen;
};

/// The exit code for an answer that is not a success.
[[nodiscard]] exit_code exit_code_of(unsigned status, std::string_view code);

/// The answer when it is a success; else what the daemon's problem details say.
[[nodiscard]] outcome<http_response> ask(const daemon& whom, const http_request& what);
/// The same, for answers that are a JSON object.
[[nodiscard]] outcome<boost::json::object> ask_json(const daemon& whom, const http_request& what);
/// The same for invalidations: one whose fence is not confirmed is answered 503, but done and with a receipt.
[[nodiscard]] outcome<boost::json::object> ask_receipt(const daemon& whom, const http_request& what);

/// Prints `error: …` on stderr; gives its exit code.
[[nodiscard]] exit_code report(const failure& why);
/// Prints on stdout; fails when that is full or closed.
[[nodiscard]] exit_code print(std::string_view text);
[[nodiscard]] exit_code print_json(const boost::json::value& value);
/// Prints on stderr.
void note(std::string_view text);

/// A member of the daemon's answer. Newer and older daemons may have others: an absent one reads as nothing.
[[nodiscard]] double number_in(const boost::json::object& from, std::string_view name);
[[nodiscard]] std::uint64_t count_in(const boost::json::object& from, std::string_view name);
[[nodiscard]] std::string text_in(const boost::json::object& from, std::string_view name);
[[nodiscard]] bool truth_in(const boost::json::object& from, std::string_view name);
[[nodiscard]] const boost::json::array& list_in(const boost::json::object& from, std::string_view name);
[[nodiscard]] const boost::json::object& object_in(const boost::json::object& from, std::string_view name);

}  // namespace ctxcache::client
