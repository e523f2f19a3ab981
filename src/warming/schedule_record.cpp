#include "warming/schedule_record.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdint>

namespace ctxcache::warming {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> outcomes{"first_seen", "planned", "missed", "skipped"};

std::optional<std::string> text_at(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  if (!found || !found->is_string()) return std::nullopt;
  return std::string{found->get_string()};
}

std::optional<schedule::instant> instant_at(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  if (!found || !found->is_int64()) return std::nullopt;
  // Beyond what a clock can show, arithmetic with it would overflow.
  constexpr auto latest =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::time_point::max());
  const auto seconds = found->get_int64();
  if (seconds < 0 || seconds > latest.time_since_epoch().count()) return std::nullopt;
  return schedule::instant{std::chrono::seconds{seconds}};
}

}  // namespace

std::string_view name(schedule_record::outcome what) {
  return outcomes[static_cast<std::size_t>(what)];
}

std::string encode(const schedule_record& record) {
  const json::object all{{"timing", record.timing},
                         {"occurrence", std::int64_t{record.occurrence.time_since_epoch().count()}},
                         {"outcome", std::string{name(record.what)}},
                         {"at", std::int64_t{record.at.time_since_epoch().count()}},
                         {"by", record.by},
                         {"job", record.job}};
  return json::serialize(all);
}

std::optional<schedule_record> decode_schedule_record(std::string_view text) {
  boost::system::error_code failed;
  const auto parsed = json::parse(text, failed);
  if (failed || !parsed.is_object()) return std::nullopt;
  const auto& all = parsed.get_object();
  auto timing = text_at(all, "timing");
  const auto occurrence = instant_at(all, "occurrence");
  const auto what = text_at(all, "outcome");
  const auto at = instant_at(all, "at");
  auto by = text_at(all, "by");
  auto job = text_at(all, "job");
  if (!timing || !occurrence || !what || !at || !by || !job) return std::nullopt;
  const auto* const found = std::ranges::find(outcomes, *what);
  if (found == outcomes.end()) return std::nullopt;
  return schedule_record{.timing = std::move(*timing),
                         .occurrence = *occurrence,
                         .what = static_cast<schedule_record::outcome>(found - outcomes.begin()),
                         .at = *at,
                         .by = std::move(*by),
                         .job = std::move(*job)};
}

}  // namespace ctxcache::warming
