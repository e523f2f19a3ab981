#include "ctxcache/position.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

std::string cache_control(const get_options& how) {
  std::string made;
  const auto add = [&](const std::string& directive) { made += (made.empty() ? "" : ", ") + directive; };
  if (how.no_cache) add("no-cache");
  if (how.only_if_cached) add("only-if-cached");
  if (how.max_age) add("max-age=" + std::to_string(*how.max_age));
  return made;
}

std::string head_of(const http_response& answer) {
  std::string made = "HTTP/1.1 " + std::to_string(answer.status) + " " + answer.reason + "\n";
  for (const auto& [name, value] : answer.headers) made += name + ": " + printable(value) + "\n";
  return made + "\n";
}

}  // namespace

exit_code get(const daemon& from, const get_options& how) {
  const auto path = path_of(context_path, how.key.ids());
  if (!path) return report({exit_code::usage, path.error().message()});
  http_request what{.path = *path};
  const auto directives = cache_control(how);
  if (!directives.empty()) what.headers.emplace_back("Cache-Control", directives);
  if (how.strict) what.headers.emplace_back("Ctx-Consistency", "strict");
  if (how.min_position) {
    if (!parse_position(*how.min_position)) {
      return report(
          {exit_code::usage, "--min-position: expected a position as an invalidation prints it, got " +
                                 printable(*how.min_position)});
    }
    what.headers.emplace_back("Ctx-Min-Position", *how.min_position);
  }
  const auto answer = ask(from, what);
  if (!answer) return report(answer.error());
  return print((how.include_headers ? head_of(*answer) : std::string{}) + answer->body + "\n");
}

}  // namespace ctxcache::client
