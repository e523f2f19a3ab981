// `ctxcache warm report|status|cancel`.
#include <fmt/format.h>

#include "text_table.hpp"
#include "verbs.hpp"
#include "warm_text.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

std::string count(const json::object& from, std::string_view name) {
  return std::to_string(count_in(from, name));
}

// Of what was loaded, how much was of use.
std::string hit_later(const json::object& run) {
  const auto loaded = count_in(run, "loaded");
  if (loaded == 0) return "-";
  const auto hit = count_in(run, "hit_later");
  return fmt::format("{} ({})", hit,
                     human_percent(100.0 * static_cast<double>(hit) / static_cast<double>(loaded)));
}

std::string customers(const json::object& job) {
  const auto done = count(job, "customers_done");
  return job.contains("customers") ? done + " of " + count(job, "customers") : done;
}

std::string agent_types(const json::object& job) {
  std::string made;
  for (const auto& one : list_in(object_in(job, "order"), "agent_types"))
    if (one.is_string()) made += (made.empty() ? "" : ", ") + printable(std::string{one.get_string()});
  return made.empty() ? "all" : made;
}

exit_code show(const daemon& of, const json::object& job) {
  if (of.as_json) return print_json(job);
  const auto why = printable(text_in(job, "why"));
  std::vector<text_row> rows{{"job", printable(text_in(job, "id"))},
                             {"state", printable(text_in(job, "state")) + (why.empty() ? "" : ": " + why)},
                             {"of", subject_of(job)},
                             {"agent types", agent_types(job)},
                             {"asked by", printable(text_in(object_in(job, "order"), "asked_by"))},
                             {"customers", customers(job)},
                             {"loaded", count(job, "loaded")},
                             {"warm already", count(job, "already_warm")},
                             {"unknown", count(job, "unknown")},
                             {"failed", count(job, "failed")},
                             {"started", printable(text_in(job, "started_at"))}};
  if (job.contains("ended_at")) {
    rows.push_back({"ended", printable(text_in(job, "ended_at"))});
  } else {
    rows.push_back({"rate", fmt::format("{:.0f} loads/s, {} at a time", number_in(job, "loads_per_second"),
                                        count(job, "concurrency"))});
  }
  if (job.contains("remaining_ms"))
    rows.push_back(
        {"time left", human_seconds(static_cast<std::int64_t>(count_in(job, "remaining_ms") / 1'000))});
  const auto failures = failure_lines(job);
  return print(format_table(rows) + (failures.empty() ? "" : "failed:\n" + failures));
}

std::string job_path(const std::string& job) {
  return std::string{warm_path} + "/" + path_segment(job);
}

}  // namespace

exit_code show_warm_runs(const daemon& of) {
  const auto answer = ask_json(of, {.path = std::string{warm_path}});
  if (!answer) return report(answer.error());
  if (of.as_json) return print_json(*answer);
  std::vector<text_row> rows{
      {"STARTED", "JOB", "OF", "STATE", "CUSTOMERS", "LOADED", "WARM", "FAILED", "HIT LATER", "ASKED BY"}};
  for (const auto& one : list_in(*answer, "runs")) {
    if (!one.is_object()) continue;
    const auto& run = one.get_object();
    rows.push_back({printable(text_in(run, "started_at")), printable(text_in(run, "id")), subject_of(run),
                    printable(text_in(run, "state")), customers(run), count(run, "loaded"),
                    count(run, "already_warm"), count(run, "failed"), hit_later(run),
                    printable(text_in(object_in(run, "order"), "asked_by"))});
  }
  return print(format_table(rows));
}

exit_code show_warm_job(const daemon& of, const std::string& job) {
  const auto answer = ask_json(of, {.path = job_path(job)});
  return answer ? show(of, *answer) : report(answer.error());
}

exit_code cancel_warm_job(const daemon& at, const std::string& job) {
  const auto answer = ask_json(at, {.method = "DELETE", .path = job_path(job)});
  return answer ? show(at, *answer) : report(answer.error());
}

}  // namespace ctxcache::client
