#include "warming/job_state.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <exception>
#include <string_view>
#include <utility>

#include "warming/report_json.hpp"

namespace ctxcache::warming {

namespace json = boost::json;

namespace {

// More than are given away between two writings of a state.
constexpr std::uint32_t places_skipped = 1U << 14;

json::object to_json(const job_counts& counts) {
  return {{"customers_done", counts.customers_done},
          {"loaded", counts.loaded},
          {"already_warm", counts.already_warm},
          {"unknown", counts.unknown},
          {"failed", counts.failed}};
}

job_counts counts_from(const json::value& text) {
  const auto count = [&](std::string_view name) { return json::value_to<std::size_t>(text.at(name)); };
  return {.customers_done = count("customers_done"),
          .loaded = count("loaded"),
          .already_warm = count("already_warm"),
          .unknown = count("unknown"),
          .failed = count("failed")};
}

}  // namespace

job_counts counts_of(const job_report& job) {
  return {.customers_done = job.customers_done,
          .loaded = job.loaded,
          .already_warm = job.already_warm,
          .unknown = job.unknown,
          .failed = job.failed};
}

job_state resumed(job_state state) {
  auto& job = state.report;
  job.customers_done = state.noted.customers_done;
  job.loaded = state.noted.loaded;
  job.already_warm = state.noted.already_warm;
  job.unknown = state.noted.unknown;
  job.failed = state.noted.failed;
  job.failures.resize(std::min(job.failures.size(), job.failed));
  job.why.clear();
  job.loads_per_second = 0;
  state.place += places_skipped;
  return state;
}

std::string to_text(const job_state& state) {
  return json::serialize(json::object{{"report", to_json(state.report)},
                                      {"by", state.by},
                                      {"source", state.source},
                                      {"last", state.last},
                                      {"noted", to_json(state.noted)},
                                      {"place", state.place},
                                      {"first_pass_over", state.first_pass_over}});
}

std::optional<job_state> job_state_from(const std::string& text) {
  try {
    const auto parsed = json::parse(text);
    auto report = job_report_from(parsed.at("report"));
    if (!report) return std::nullopt;
    return job_state{.report = *std::move(report),
                     .by = json::value_to<std::string>(parsed.at("by")),
                     .source = json::value_to<std::size_t>(parsed.at("source")),
                     .last = json::value_to<std::string>(parsed.at("last")),
                     .noted = counts_from(parsed.at("noted")),
                     .place = json::value_to<std::uint32_t>(parsed.at("place")),
                     .first_pass_over = json::value_to<bool>(parsed.at("first_pass_over"))};
  } catch (const std::exception&) {
    return std::nullopt;  // Boost.JSON says that it is no JSON, or lacks a member
  }
}

}  // namespace ctxcache::warming
