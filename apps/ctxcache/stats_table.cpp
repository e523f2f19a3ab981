#include "stats_table.hpp"

#include <fmt/format.h>

#include "daemon.hpp"
#include "text_table.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

std::string count(const json::object& stats, std::string_view name) {
  return std::to_string(count_in(stats, name));
}

std::string hit_rates(const json::object& stats) {
  return format_table({{"", "hits", "misses", "hit rate"},
                       {"L1", count(stats, "l1_hits"), count(stats, "l1_misses"),
                        human_percent(number_in(stats, "l1_hit_rate"))},
                       {"L2", count(stats, "l2_hits"), count(stats, "l2_misses"),
                        human_percent(number_in(stats, "l2_hit_rate"))},
                       {"overall", "", "", human_percent(number_in(stats, "overall_hit_rate"))}},
                      align::right);
}

std::string state(const json::object& stats) {
  return format_table(
      {{"L1 entries", count(stats, "l1_size") + " of " + count(stats, "l1_max_size")},
       {"L1 memory",
        human_bytes(count_in(stats, "l1_bytes")) + " of " + human_bytes(count_in(stats, "l1_max_bytes"))},
       {"L1 evictions", count(stats, "l1_evictions")},
       {"L1 expirations", count(stats, "l1_expirations")},
       {"L2 errors", count(stats, "l2_errors") + ", of them corrupt values " + count(stats, "l2_corrupt")},
       {"loads", count(stats, "loads") + ", failed " + count(stats, "load_errors") + ", running " +
                     count(stats, "loads_running")},
       {"reads that joined a load", count(stats, "coalesced")},
       {"served stale", count(stats, "stale_served")},
       {"refused as invalidated", count(stats, "stale_rejected")},
       {"unknown customers", count(stats, "unknown_hits")},
       {"puts", count(stats, "puts")},
       {"invalidations", count(stats, "invalidations")},
       {"over-invalidated", count(stats, "over_invalidated")},
       {"fences",
        count(stats, "fences_confirmed") + " confirmed, " + count(stats, "fences_unconfirmed") + " not"},
       {"licences lost", count(stats, "licences_lost")},
       {"refused without licence", count(stats, "unlicensed")},
       {"position", printable(text_in(stats, "position"))},
       {"up for", human_seconds(static_cast<std::int64_t>(count_in(stats, "uptime_s")))}});
}

}  // namespace

std::string stats_table(const json::object& stats) {
  return hit_rates(stats) + "\n" + state(stats);
}

std::string rates_table(const json::object& before, const json::object& now, double seconds,
                        const terminal& screen) {
  // A daemon that was started again counts from zero.
  const auto grown = [&](std::string_view name) {
    const auto old_count = count_in(before, name);
    const auto new_count = count_in(now, name);
    return static_cast<double>(new_count >= old_count ? new_count - old_count : new_count);
  };
  const auto rate = [&](double amount) { return fmt::format("{:.0f}", amount / seconds); };
  const auto percent = [](double part, double whole) {
    return whole > 0 ? human_percent(100 * part / whole) : std::string{"-"};
  };
  const auto l1 = grown("l1_hits");
  const auto l2 = grown("l2_hits");
  const auto requests = l1 + grown("l1_misses");
  const auto l2_asked = l2 + grown("l2_misses");
  const auto table = format_table({{"per second", "", "hit rate"},
                                   {"requests", rate(requests), percent(l1 + l2, requests)},
                                   {"L1 hits", rate(l1), percent(l1, requests)},
                                   {"L2 hits", rate(l2), percent(l2, l2_asked)},
                                   {"loads", rate(grown("loads")), ""},
                                   {"failed loads", rate(grown("load_errors")), ""},
                                   {"L2 errors", rate(grown("l2_errors")), ""},
                                   {"evictions", rate(grown("l1_evictions")), ""},
                                   {"invalidations", rate(grown("invalidations")), ""}},
                                  align::right);
  const auto line = table.find('\n');
  return tinted(screen, tint::bold, table.substr(0, line)) + table.substr(line) + "\n" + stats_table(now);
}

}  // namespace ctxcache::client
