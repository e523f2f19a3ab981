#include <algorithm>
#include <optional>

#include "interruption.hpp"
#include "stats_table.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::string_view clear_screen = "\x1b[H\x1b[2J";
constexpr std::chrono::seconds refresh_every{1};
constexpr std::chrono::seconds patience{5};  // a hung daemon must not make Ctrl-C wait for long

struct sample {
  boost::json::object stats;
  clock::time_point at;
};

std::string page(const std::optional<sample>& before, const sample& now, const terminal& screen) {
  if (!before) return stats_table(now.stats);
  const std::chrono::duration<double> since = now.at - before->at;
  return rates_table(before->stats, now.stats, since.count(), screen);
}

}  // namespace

exit_code top(const daemon& of, const top_options& how) {
  const bool once = how.once || !of.screen.shows;
  const http_request what{.path = std::string{stats_path}};
  auto asked = of;
  asked.timeout = std::min<std::chrono::milliseconds>(of.timeout, patience);
  const interruption user;
  std::optional<sample> last;
  do {
    auto answer = ask_json(asked, what);
    // The daemon may come back; only one that was never there ends this.
    if (!answer && (once || !last)) return report(answer.error());
    std::string shown;
    if (!answer) {
      shown = tinted(of.screen, tint::red, "error: " + answer.error().text) + "\n";
    } else if (of.as_json) {
      return print_json(*answer);
    } else {
      sample now{std::move(*answer), clock::now()};
      shown = page(last, now, of.screen);
      last = std::move(now);
    }
    const auto printed = print((once ? std::string{} : std::string{clear_screen}) + shown);
    if (printed != exit_code::ok) return printed;
  } while (!once && !user.wait(refresh_every));
  return exit_code::ok;
}

}  // namespace ctxcache::client
