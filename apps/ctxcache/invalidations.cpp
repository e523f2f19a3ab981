#include <fmt/format.h>

#include "ctxcache/position.hpp"
#include "growing_list.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

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

}  // namespace

exit_code invalidations(const daemon& of, const invalidations_options& how) {
  if (how.after && !parse_position(*how.after)) {
    return report({exit_code::usage, "--after: expected a position, got " + printable(*how.after)});
  }
  const growing_list applied{.path = std::string{invalidations_path},
                             .member = "invalidations",
                             .header = columns("APPLIED", "POSITION", "LAG", "ORIGIN", "SCOPE  REASON"),
                             .line = describe};
  return print_list(of, applied, how.after.value_or(""), how.follow);
}

}  // namespace ctxcache::client
