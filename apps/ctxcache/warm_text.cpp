#include "warm_text.hpp"

#include <fmt/format.h>

#include "daemon.hpp"
#include "progress_bar.hpp"
#include "text_table.hpp"

namespace ctxcache::client {

namespace json = boost::json;

warm_state state_of(const json::object& job) {
  const auto name = text_in(job, "state");
  if (name == "done") return warm_state::done;
  if (name == "cancelled") return warm_state::cancelled;
  if (name == "failed") return warm_state::failed;
  return name == "holding" ? warm_state::holding : warm_state::going_on;
}

std::string subject_of(const json::object& job) {
  const auto& order = object_in(job, "order");
  std::string made;
  for (const auto& one : list_in(order, "segments")) {
    if (one.is_string()) made += (made.empty() ? "" : ", ") + printable(std::string{one.get_string()});
  }
  const auto ids = count_in(order, "ids");
  if (ids == 0 && !made.empty()) return made;
  return made + (made.empty() ? "" : ", ") + std::to_string(ids) + (ids == 1 ? " customer" : " customers");
}

std::string warm_progress(const json::object& job) {
  const auto done = count_in(job, "customers_done");
  const auto all = count_in(job, "customers");
  auto made = all == 0 ? fmt::format("{} customers", done)
                       : fmt::format("{} {} of {} customers", drawn_bar(done, all), done, all);
  made += fmt::format(", {:.0f} loads/s", number_in(job, "loads_per_second"));
  if (job.contains("remaining_ms")) {
    const auto left = static_cast<std::int64_t>(count_in(job, "remaining_ms") / 1'000);
    made += ", " + human_seconds(left) + " left";
  }
  if (text_in(job, "state") == "paused") made += ", paused: " + printable(text_in(job, "why"));
  return made;
}

void warm_sums::add(const json::object& job) {
  customers += count_in(job, "customers_done");
  loaded += count_in(job, "loaded");
  already_warm += count_in(job, "already_warm");
  unknown += count_in(job, "unknown");
  failed += count_in(job, "failed");
}

std::string sentence_of(const warm_sums& sums) {
  auto made = fmt::format("warmed {} customer{}: {} loaded, {} warm already", sums.customers,
                          sums.customers == 1 ? "" : "s", sums.loaded, sums.already_warm);
  if (sums.unknown > 0) made += fmt::format(", {} unknown", sums.unknown);
  if (sums.failed > 0) made += fmt::format(", {} failed", sums.failed);
  return made;
}

std::string failure_lines(const json::object& job) {
  const auto& listed = list_in(job, "failures");
  std::string made;
  for (const auto& one : listed) {
    if (!one.is_object()) continue;
    const auto& failure = one.get_object();
    const auto agent_type = printable(text_in(failure, "agent_type"));
    made += printable(text_in(failure, "customer_id")) + (agent_type.empty() ? "" : " " + agent_type) + ": " +
            printable(text_in(failure, "error")) + "\n";
  }
  const auto failed = count_in(job, "failed");
  if (failed > listed.size()) made += fmt::format("and {} more\n", failed - listed.size());
  return made;
}

}  // namespace ctxcache::client
