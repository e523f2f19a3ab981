#include "warming/report_json.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <stdexcept>
#include <string_view>

#include "base/timestamp.hpp"

namespace ctxcache::warming {

namespace json = boost::json;
using std::chrono::milliseconds;
using wall_time = std::chrono::system_clock::time_point;

namespace {

json::object order_to_json(const job_report& job) {
  const auto& order = job.order;
  return {{"segments", json::value_from(order.segments)},
          {"ids", job.ids},
          {"agent_types", json::value_from(order.agent_types)},
          {"refresh", order.refresh},
          {"concurrency", order.concurrency},
          {"loads_per_second", order.loads_per_second},
          {"asked_by", order.asked_by},
          {"hold_ms", order.hold.count()}};
}

json::array failures_to_json(const std::vector<failed_customer>& failures) {
  json::array out;
  for (const auto& one : failures) {
    json::object& entry = out.emplace_back(json::object{{"customer_id", one.customer_id}}).as_object();
    if (!one.agent_type.empty()) entry["agent_type"] = one.agent_type;
    entry["error"] = one.error;
  }
  return out;
}

// What `timestamp` writes, and nothing else: "2026-11-22T16:07:48.012Z".
std::optional<wall_time> parse_timestamp(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != shape.size()) return std::nullopt;
  std::array<int, 7> parts{};
  std::size_t part = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (digit != (shape[i] == 'd') || (!digit && text[i] != shape[i])) return std::nullopt;
    if (digit) {
      parts[part] = parts[part] * 10 + (text[i] - '0');
    } else {
      ++part;
    }
  }
  const auto [year, month, day, hours, minutes, seconds, millis] = parts;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hours} + std::chrono::minutes{minutes} +
         std::chrono::seconds{seconds} + milliseconds{millis};
}

// Reads members; throws what Boost.JSON throws for what is missing or of another kind.
class members {
 public:
  explicit members(const json::value& of) : of_(of.as_object()) {}

  template <class T>
  [[nodiscard]] T get(std::string_view name) const {
    return json::value_to<T>(of_.at(name));
  }
  [[nodiscard]] milliseconds millis(std::string_view name) const {
    return milliseconds{get<std::int64_t>(name)};
  }
  [[nodiscard]] bool has(std::string_view name) const { return of_.contains(name); }
  [[nodiscard]] const json::value& at(std::string_view name) const { return of_.at(name); }
  [[nodiscard]] wall_time time(std::string_view name) const {
    const auto at = parse_timestamp(of_.at(name).as_string());
    if (!at) throw std::invalid_argument{"no time"};
    return *at;
  }

 private:
  const json::object& of_;
};

job_report::state state_called(std::string_view text) {
  for (auto one = job_report::state::running; one <= job_report::state::failed;
       one = static_cast<job_report::state>(static_cast<int>(one) + 1)) {
    if (name(one) == text) return one;
  }
  throw std::invalid_argument{"no state"};
}

warm_order order_from(const members& from) {
  return {.segments = from.get<std::vector<std::string>>("segments"),
          .agent_types = from.get<std::vector<std::string>>("agent_types"),
          .refresh = from.get<bool>("refresh"),
          .concurrency = from.get<std::size_t>("concurrency"),
          .loads_per_second = from.get<double>("loads_per_second"),
          .asked_by = from.get<std::string>("asked_by"),
          .hold = from.millis("hold_ms")};
}

job_report read(const json::value& text) {
  const members from{text};
  const members order{from.at("order")};
  job_report job{.id = from.get<std::string>("id"),
                 .run = from.get<std::uint32_t>("run"),
                 .now = state_called(from.get<std::string>("state")),
                 .why = from.has("why") ? from.get<std::string>("why") : std::string{},
                 .order = order_from(order),
                 .ids = order.get<std::size_t>("ids"),
                 .customers = std::nullopt,
                 .customers_done = from.get<std::size_t>("customers_done"),
                 .loaded = from.get<std::size_t>("loaded"),
                 .already_warm = from.get<std::size_t>("already_warm"),
                 .unknown = from.get<std::size_t>("unknown"),
                 .failed = from.get<std::size_t>("failed"),
                 .loads_per_second = from.get<double>("loads_per_second"),
                 .concurrency = from.get<std::size_t>("concurrency"),
                 .started_at = from.time("started_at")};
  for (const auto& one : from.at("failures").as_array()) {
    const members failure{one};
    job.failures.push_back(
        {.customer_id = failure.get<std::string>("customer_id"),
         .agent_type = failure.has("agent_type") ? failure.get<std::string>("agent_type") : std::string{},
         .error = failure.get<std::string>("error")});
  }
  if (from.has("customers")) job.customers = from.get<std::size_t>("customers");
  if (from.has("ended_at")) job.ended_at = from.time("ended_at");
  if (from.has("remaining_ms")) job.remaining = from.millis("remaining_ms");
  return job;
}

}  // namespace

json::object to_json(const job_report& job) {
  json::object out{{"id", job.id}, {"run", job.run}, {"state", name(job.now)}};
  if (!job.why.empty()) out["why"] = job.why;
  out["order"] = order_to_json(job);
  if (job.customers) out["customers"] = *job.customers;
  out["customers_done"] = job.customers_done;
  out["loaded"] = job.loaded;
  out["already_warm"] = job.already_warm;
  out["unknown"] = job.unknown;
  out["failed"] = job.failed;
  out["failures"] = failures_to_json(job.failures);
  out["loads_per_second"] = job.loads_per_second;
  out["concurrency"] = job.concurrency;
  out["started_at"] = timestamp(job.started_at);
  if (job.ended_at) out["ended_at"] = timestamp(*job.ended_at);
  if (job.remaining) out["remaining_ms"] = job.remaining->count();
  return out;
}

json::object to_json(const run_report& run) {
  auto out = to_json(run.job);
  out["hit_later"] = run.hit_later;
  return out;
}

std::optional<job_report> job_report_from(const json::value& text) {
  try {
    return read(text);
  } catch (const std::exception&) {
    return std::nullopt;  // Boost.JSON says that a member is missing or of another kind
  }
}

}  // namespace ctxcache::warming
