#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ctxcache/position.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t page_max = 1'000;
constexpr std::chrono::seconds wait{20};  // for the next event, in one request
constexpr std::chrono::seconds retry_pause{1};

// What has a fixed width comes first.
template <class Lag>
std::string columns(std::string_view time, std::string_view position, const Lag& lag, std::string_view origin,
                    std::string_view rest) {
  auto line = fmt::format("{:<24}  {:<24}  {:>10}  {:<16}  {}", time, position, lag, origin, rest);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string describe(const json::object& one) {
  const auto& scope = object_in(one, "scope");
  const auto known = [&](std::string_view name) {
    const auto text = printable(text_in(one, name));
    return text.empty() ? std::string{"-"} : text;
  };
  const auto* lag = one.if_contains("lag_ms");
  const bool timed = lag != nullptr && lag->is_number();
  auto what = printable(text_in(scope, "kind"));
  if (const auto text = printable(text_in(scope, "text")); !text.empty()) what += " " + text;
  return columns(known("applied_at"), known("position"),
                 timed ? fmt::format("{:.1f} ms", lag->to_number<double>()) : std::string{"-"},
                 known("origin"), what + "  " + printable(text_in(one, "reason")));
}

exit_code print_page(const json::array& page, bool as_json) {
  std::string text;
  for (const auto& one : page) {
    if (as_json) text += json::serialize(one) + "\n";
    if (!as_json && one.is_object()) text += describe(one.get_object());
  }
  return text.empty() ? exit_code::ok : print(text);
}

json::array page_in(const json::object& answer) {
  const auto* found = answer.if_contains("invalidations");
  return found != nullptr && found->is_array() ? found->get_array() : json::array{};
}

std::string path_behind(const std::string& after, bool waits) {
  std::string path{invalidations_path};
  if (after.empty()) return path;
  path += fmt::format("?after={}&limit={}", after, page_max);
  return waits ? path + fmt::format("&wait={}", wait.count()) : path;
}

}  // namespace

exit_code events(const daemon& of, const events_options& how) {
  if (how.after && !parse_position(*how.after)) {
    return report({exit_code::usage, "--after: expected a position, got " + printable(*how.after)});
  }
  auto asked = of;
  asked.timeout += wait;
  std::string after = how.after.value_or("");
  asio::io_context loop{1};
  asio::steady_timer pause{loop};
  bool there = false;
  while (true) {
    const auto answer = ask_json(asked, {.path = path_behind(after, how.follow && there)});
    if (!answer) {
      // The daemon may come back; only one that was never there ends this.
      const bool gone = answer.error().code == exit_code::unreachable;
      if (!how.follow || !there || !gone) return report(answer.error());
      pause.expires_after(retry_pause);
      pause.wait();
      continue;
    }
    if (!there && !of.as_json) {
      const auto printed = print(columns("APPLIED", "POSITION", "LAG", "ORIGIN", "SCOPE  REASON"));
      if (printed != exit_code::ok) return printed;
    }
    there = true;
    const auto page = page_in(*answer);
    const auto printed = print_page(page, of.as_json);
    if (printed != exit_code::ok) return printed;
    after = text_in(*answer, "next");
    if (!how.follow && page.size() < page_max) return exit_code::ok;
  }
}

}  // namespace ctxcache::client
