#include "warm_orders.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <utility>

#include "config/units.hpp"
#include "ctxcache/key.hpp"
#include "id_file.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

constexpr std::size_t file_bytes_max = std::size_t{256} << 20;

// All of an order but whom it is for.
outcome<json::object> wishes_of(const warm_options& how) {
  json::object made;
  if (!how.agent_types.empty()) made["agent_types"] = json::value_from(how.agent_types);
  if (how.refresh) made["refresh"] = true;
  if (how.concurrency) made["concurrency"] = *how.concurrency;
  if (how.loads_per_second) made["loads_per_second"] = *how.loads_per_second;
  if (!how.hold) return made;
  const auto hold = config::parse_duration(*how.hold);
  if (!hold || hold->count() <= 0)
    return failure{exit_code::usage, "--hold: expected a duration such as 2h, got " + printable(*how.hold)};
  // Whole seconds, which is the daemon's way to write one.
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*hold);
  made["hold"] = std::to_string(seconds.count()) + "s";
  return made;
}

class order_list {
 public:
  explicit order_list(json::object wishes) : wishes_(std::move(wishes)) {}

  void add(const std::string& id) {
    const auto bytes = json::serialize(json::string{id}).size() + 1;
    if (bytes_ + bytes > order_bytes_max || ids_.size() == order_ids_max) end_part();
    bytes_ += bytes;
    ids_.emplace_back(id);
  }
  [[nodiscard]] std::vector<std::string> bodies() && {
    if (!ids_.empty()) end_part();
    return std::move(bodies_);
  }

 private:
  void end_part() {
    auto order = wishes_;
    order["customer_ids"] = std::exchange(ids_, {});
    bodies_.push_back(json::serialize(order));
    bytes_ = 0;
  }

  const json::object wishes_;
  json::array ids_;
  std::size_t bytes_ = 0;
  std::vector<std::string> bodies_;
};

outcome<warm_plan> plan_of_file(const std::string& path, json::object wishes) {
  const auto text = read_input(path, file_bytes_max);
  if (!text) return text.error();
  const auto list = parse_ids(*text);
  if (list.ids.empty() && list.bad.empty()) return failure{exit_code::failure, path + ": names no customer"};
  warm_plan made;
  for (const auto& one : list.bad) {
    made.bad_lines += fmt::format("error: {}:{}: {}: an id is 1 to 128 bytes of UTF-8\n", path, one.number,
                                  printable(one.text));
  }
  order_list orders{std::move(wishes)};
  for (const auto& one : list.ids) orders.add(one.text);
  made.bodies = std::move(orders).bodies();
  return made;
}

}  // namespace

outcome<warm_plan> plan_of(const warm_options& how) {
  const int sources = int{!how.segments.empty()} + int{!how.customer_ids.empty()} + int{how.file.has_value()};
  if (sources != 1)
    return failure{exit_code::usage, "expected one of --customers, --customer-ids and --file"};
  auto wishes = wishes_of(how);
  if (!wishes) return wishes.error();
  if (how.file) return plan_of_file(*how.file, *std::move(wishes));
  for (const auto& id : how.customer_ids) {
    if (!key::make({.customer_id = id, .agent_type = "any"}))
      return failure{exit_code::usage, "--customer-ids: an id is 1 to 128 bytes of UTF-8: " + printable(id)};
  }
  const auto& named = how.segments.empty() ? how.customer_ids : how.segments;
  (*wishes)[how.segments.empty() ? "customer_ids" : "segments"] = json::value_from(named);
  return warm_plan{.bodies = {json::serialize(*wishes)}, .bad_lines = {}};
}

}  // namespace ctxcache::client
