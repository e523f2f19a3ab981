#include "history/json_lines.hpp"

#include <boost/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace ctxcache::history {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(std::string_view what) {
  throw std::runtime_error{std::string{what}};
}

/// What a field holds; null when it is missing or says null.
const json::value* find(const json::object& in, std::string_view name) {
  const auto* found = in.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}
const json::value& get(const json::object& in, std::string_view name) {
  if (const auto* found = find(in, name)) return *found;
  refuse(std::string{name} + " is missing");
}
std::string text(const json::object& in, std::string_view name) {
  return json::value_to<std::string>(get(in, name));
}
std::optional<std::string> text_if(const json::object& in, std::string_view name) {
  const auto* found = find(in, name);
  return found == nullptr ? std::nullopt : std::optional{json::value_to<std::string>(*found)};
}
template <class Number>
Number number(const json::object& in, std::string_view name) {
  const auto& found = get(in, name);
  return found.is_double() ? static_cast<Number>(found.get_double()) : json::value_to<Number>(found);
}
std::chrono::milliseconds milliseconds(const json::object& in, std::string_view name) {
  return std::chrono::milliseconds{number<std::int64_t>(in, name)};
}
bool flag(const json::object& in, std::string_view name, bool otherwise = false) {
  const auto* found = find(in, name);
  return found == nullptr ? otherwise : found->as_bool();
}
interval when(const json::object& in) {
  return {number<instant>(in, "invoked"), number<instant>(in, "answered")};
}
std::optional<position> place(const json::object& in, std::string_view name) {
  const auto written = text_if(in, name);
  if (!written) return std::nullopt;
  const auto parsed = parse_position(*written);
  if (!parsed) refuse(std::string{name} + " is no position");
  return parsed;
}
template <class T>
T checked(result<T> made, std::string_view what) {
  if (!made) refuse(std::string{what} + ": " + made.error().message());
  return *std::move(made);
}
key key_of(const json::object& in) {
  const auto customer = text(in, "customer"), agent_type = text(in, "agent_type");
  const auto conversation = text_if(in, "conversation");
  return checked(key::make({customer, agent_type, conversation}), "ids");
}

scope scope_of(const json::object& in) {
  const auto kind = text(in, "kind");
  if (kind == "all") return scope::everything();
  if (kind == "pattern") return checked(scope::matching(text(in, "pattern")), "pattern");
  if (kind == "key") return scope::exactly(key_of(in));
  if (kind == "agent_type") {
    const auto agent_type = text(in, "agent_type");
    return checked(scope::of(text(in, "customer"), agent_type, std::nullopt), "scope");
  }
  if (kind != "customer") refuse("scope has an unknown kind");
  return checked(scope::of(text(in, "customer"), std::nullopt, std::nullopt), "scope");
}

constants read_constants(const json::object& in) {
  return {.licence = milliseconds(in, "licence_ms"),
          .grace = milliseconds(in, "grace_ms"),
          .own_loads = milliseconds(in, "own_loads_ms"),
          .l2_ttl = milliseconds(in, "l2_ttl_ms"),
          .load_deadline = milliseconds(in, "load_deadline_ms"),
          .wait_all = flag(in, "wait_all", true)};
}

commit read_commit(const json::object& in) {
  commit made{.customer = text(in, "customer"),
              .version = number<std::uint64_t>(in, "version"),
              .invoked = number<instant>(in, "invoked")};
  if (find(in, "answered") != nullptr) made.answered = number<instant>(in, "answered");
  return made;
}

invalidation read_invalidation(const json::object& in) {
  invalidation made{.what = scope_of(get(in, "scope").as_object()),
                    .fence = flag(in, "fence"),
                    .status = number<int>(in, "status"),
                    .at = place(in, "position"),
                    .confirmed = flag(in, "confirmed"),
                    .queued = flag(in, "queued"),
                    .process = text(in, "process"),
                    .when = when(in)};
  const auto& versions = get(in, "versions").as_object();
  for (const auto& one : versions) {
    made.versions[std::string{one.key()}] = number<std::uint64_t>(versions, one.key());
  }
  return made;
}

put read_put(const json::object& in) {
  return {.where = key_of(in),
          .version = number<std::uint64_t>(in, "version"),
          .status = number<int>(in, "status"),
          .at = place(in, "position"),
          .queued = flag(in, "queued"),
          .process = text(in, "process"),
          .when = when(in)};
}

read read_read(const json::object& in) {
  read made{.wanted = key_of(in),
            .process = text(in, "process"),
            .status = number<int>(in, "status"),
            .source = text_if(in, "source").value_or(""),
            .min_position = place(in, "min_position"),
            .strict = flag(in, "strict"),
            .bypass = flag(in, "bypass"),
            .when = when(in)};
  if (find(in, "version") != nullptr) made.version = number<std::uint64_t>(in, "version");
  if (const auto* body = find(in, "body")) {
    made.body_customer = text(body->as_object(), "customer");
    made.body_agent_type = text(body->as_object(), "agent_type");
  }
  return made;
}

load read_load(const json::object& in) {
  return {key_of(in), text(in, "process"), number<std::uint64_t>(in, "version"), when(in)};
}

void read_line(std::string_view line, history& into) {
  const auto parsed = json::parse({line.data(), line.size()});
  const auto& in = parsed.as_object();
  const auto kind = text(in, "t");
  if (kind == "constants") {
    into.bounds = read_constants(in);
  } else if (kind == "commit") {
    into.commits.push_back(read_commit(in));
  } else if (kind == "invalidate") {
    into.invalidations.push_back(read_invalidation(in));
  } else if (kind == "put") {
    into.puts.push_back(read_put(in));
  } else if (kind == "read") {
    into.reads.push_back(read_read(in));
  } else if (kind == "load") {
    into.loads.push_back(read_load(in));
  } else if (kind == "fault") {
    into.faults.push_back({text(in, "kind"), number<instant>(in, "from"), number<instant>(in, "to")});
  } else {
    refuse("t is unknown");
  }
}

}  // namespace

history read_lines(std::istream& from, history before) {
  std::string line;
  for (std::size_t number = 1; std::getline(from, line); ++number) {
    if (line.empty()) continue;
    try {
      read_line(line, before);
    } catch (const std::exception& error) {
      refuse("line " + std::to_string(number) + ": " + error.what());
    }
  }
  return before;
}

}  // namespace ctxcache::history
