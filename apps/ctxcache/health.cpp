#include "text_table.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

std::string coloured(const terminal& screen, const std::string& status) {
  const bool good = status == "ok" || status == "up";
  const bool bad = status == "down" || status == "degraded";
  return good || bad ? tinted(screen, good ? tint::green : tint::red, status) : status;
}

text_row part(const terminal& screen, const std::string& name, const json::object& one,
              const std::string& detail) {
  // Escape sequences would count as width: the status shares the last cell, whose width does not matter.
  constexpr std::size_t status_width = 10;
  const auto status = printable(text_in(one, "status"));
  const std::string blanks(status.size() < status_width ? status_width - status.size() : 0, ' ');
  return {name, coloured(screen, status) + blanks + detail};
}

std::string detail_of_fleet(const json::object& fleet) {
  if (text_in(fleet, "status") == "disabled") return "invalidations stay in this process: L2 is off";
  std::string made;
  if (truth_in(fleet, "joined")) {
    made = "member " + printable(text_in(fleet, "member"));
    if (!truth_in(fleet, "licensed")) made += ", not licensed: Redis does not answer";
  } else {
    const auto why = printable(text_in(fleet, "detail"));
    made = "not joined: " + (why.empty() ? "Redis does not answer" : why);
  }
  const auto queued = count_in(fleet, "queued");
  return queued == 0 ? made : made + ", " + std::to_string(queued) + " invalidations queued";
}

std::string detail_of_source(const json::object& source) {
  if (text_in(source, "status") == "down") return printable(text_in(source, "detail"));
  if (!truth_in(source, "held")) return "another daemon takes its events";
  return std::to_string(count_in(source, "applied")) + " events taken here";
}

std::string detail_of_schedule(const json::object& schedule) {
  const auto next = printable(text_in(schedule, "next"));
  const auto last = printable(text_in(schedule, "detail"));
  return (next.empty() ? "waits for its event" : "next at " + next) + (last.empty() ? "" : "; " + last);
}

}  // namespace

exit_code show_health(const daemon& of) {
  const auto answer = ask_json(of, {.path = "/api/v1/health"});
  if (!answer) return report(answer.error());
  if (of.as_json) return print_json(*answer);
  const auto& parts = object_in(*answer, "parts");
  const auto& l1 = object_in(parts, "l1");
  const auto& l2 = object_in(parts, "l2");
  const auto& fleet = object_in(parts, "fleet");
  std::vector<text_row> rows{
      part(of.screen, "ctxcached", *answer,
           printable(text_in(*answer, "version")) + ", up for " +
               human_seconds(static_cast<std::int64_t>(count_in(*answer, "uptime_s")))),
      part(of.screen, "L1", l1,
           std::to_string(count_in(l1, "items")) + " entries, " + human_bytes(count_in(l1, "bytes"))),
      part(of.screen, "L2", l2, printable(text_in(l2, "detail"))),
      part(of.screen, "fleet", fleet, detail_of_fleet(fleet))};
  for (const auto& [name, one] : object_in(parts, "providers")) {
    if (!one.is_object()) continue;
    const auto& found = one.get_object();
    rows.push_back(
        part(of.screen, "provider " + printable(name), found, printable(text_in(found, "detail"))));
  }
  for (const auto& [name, one] : object_in(parts, "sources")) {
    if (!one.is_object()) continue;
    const auto& found = one.get_object();
    rows.push_back(part(of.screen, "source " + printable(name), found, detail_of_source(found)));
  }
  for (const auto& [name, one] : object_in(parts, "schedules")) {
    if (!one.is_object()) continue;
    const auto& found = one.get_object();
    rows.push_back(part(of.screen, "schedule " + printable(name), found, detail_of_schedule(found)));
  }
  return print(format_table(rows));
}

}  // namespace ctxcache::client
