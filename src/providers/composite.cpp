#include "providers/composite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <iterator>
#include <optional>
#include <utility>

#include "base/timestamp.hpp"
#include "providers/invalid_options.hpp"
#include "providers/json.hpp"

namespace ctxcache::providers {

namespace asio = boost::asio;

struct composite::source {
  explicit source(named_provider of)
      : name(std::move(of.name)), asked(std::move(of.asked)), settle(of.settle) {}

  const std::string name;
  const std::shared_ptr<provider> asked;
  const std::chrono::milliseconds settle;
  counters<section_status> by_status;
  histogram latency;
};

struct composite::section {
  [[nodiscard]] bool belongs_to(const std::string& agent_type) const {
    return what.agent_types.empty() ||
           std::ranges::find(what.agent_types, agent_type) != what.agent_types.end();
  }
  composite_section what;
  source* from;
};

namespace {

section_status status_of(const result<section_answer>& answer) {
  if (answer) return answer->empty ? section_status::empty : section_status::ok;
  const auto& error = answer.error();
  if (error == errc::overloaded) return section_status::overloaded;
  if (error == errc::provider_timeout || error == errc::deadline_exceeded) return section_status::timeout;
  if (error == errc::provider_unavailable || error == errc::shutting_down) return section_status::unavailable;
  return section_status::failed;
}

// RFC 3339, UTC, milliseconds.
double milliseconds(boot_clock::duration took) {
  return std::chrono::duration<double, std::milli>{took}.count();
}

}  // namespace

// The sections of one load. Shared, because a load may end before its last section. Belongs to the executor
// of its caller.
struct composite::gathering {
  struct part {
    const section* of;
    std::optional<result<section_answer>> answer{};
    boot_clock::duration took{};

    [[nodiscard]] bool failed() const { return answer && answer->has_error(); }
    [[nodiscard]] bool required() const { return of->what.required; }
  };

  explicit gathering(const asio::any_io_executor& here)
      : ended(here, asio::steady_timer::time_point::max()) {}

  [[nodiscard]] bool decided() const {
    return std::ranges::all_of(parts, [](const part& one) { return one.answer.has_value(); }) ||
           std::ranges::any_of(parts, [](const part& one) { return one.required() && one.failed(); });
  }

  std::vector<part> parts;
  asio::steady_timer ended;  // cancelled when decided
};

std::string_view name(section_status status) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(section_status::count)> names{
      "empty", "ok", "overloaded", "timeout", "failed", "unavailable"};
  return names[static_cast<std::size_t>(status)];
}

composite::composite(composite_options options, const clock& time)
    : time_(time), max_document_bytes_(options.max_document_bytes) {
  for (auto& each : options.providers) sources_.push_back(std::make_unique<source>(std::move(each)));
  for (auto& each : options.sections) {
    const auto from = std::ranges::find(sources_, each.provider, [](const auto& one) { return one->name; });
    if (from == sources_.end())
      throw invalid_options(fmt::format("section {}: no provider {}", each.query.name, each.provider));
    sections_.push_back({std::move(each), from->get()});
  }
}

composite::~composite() = default;

asio::awaitable<result<provided_context>> composite::load(key wanted, deadline until) {
  const auto here = co_await asio::this_coro::executor;
  const auto all = std::make_shared<gathering>(here);
  const auto agent_type = wanted.agent_type();
  for (const auto& each : sections_)
    if (each.belongs_to(agent_type)) all->parts.push_back({&each});
  for (std::size_t i = 0; i < all->parts.size(); ++i) start(here, all, i, wanted, until);
  if (!all->decided()) co_await all->ended.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return assemble(*all, wanted);
}

void composite::start(const asio::any_io_executor& here, const std::shared_ptr<gathering>& all,
                      std::size_t index, const key& wanted, deadline until) {
  const auto& of = *all->parts[index].of;
  // The handler keeps this object, and with it the query and the provider, until the section has ended.
  auto finish = [self = shared_from_this(), all, index, began = time_.now()](const std::exception_ptr& thrown,
                                                                             result<section_answer> answer) {
    auto& part = all->parts[index];
    part.took = self->time_.now() - began;
    part.answer = thrown ? result<section_answer>{errc::internal} : std::move(answer);
    part.of->from->by_status.add(status_of(*part.answer));
    part.of->from->latency.record(part.took);
    if (all->decided()) all->ended.cancel();
  };
  asio::co_spawn(here, of.from->asked->ask(of.what.query, wanted, until), std::move(finish));
}

result<provided_context> composite::assemble(const gathering& from, const key& wanted) const {
  bool any_required = false;
  bool required_empty = true;
  bool all_empty = !from.parts.empty();
  bool partial = false;
  std::size_t bytes = 0;
  std::chrono::milliseconds settle{0};
  for (const auto& each : from.parts) {
    if (each.required() && each.failed()) return each.answer->error();
  }
  for (const auto& each : from.parts) {
    const bool empty = !each.failed() && (**each.answer).empty;
    any_required = any_required || each.required();
    required_empty = required_empty && (empty || !each.required());
    all_empty = all_empty && empty;
    partial = partial || each.failed();
    bytes += each.failed() ? 0 : (**each.answer).json.size();
    settle = std::max(settle, each.of->from->settle);
  }
  if (any_required ? required_empty : all_empty)
    return provided_context{.body = {}, .unknown = true, .settle = settle};
  if (bytes > max_document_bytes_) return errc::too_large;
  provided_context out{.body = document(from, wanted, partial), .partial = partial, .settle = settle};
  if (out.body.size() > max_document_bytes_) return errc::too_large;
  return out;
}

std::string composite::document(const gathering& from, const key& wanted, bool partial) const {
  std::string out = fmt::format(R"({{"customer_id":{},"agent_type":{})", json_quoted(wanted.customer_id()),
                                json_quoted(wanted.agent_type()));
  if (const auto conversation = wanted.conversation_id())
    out += R"(,"conversation_id":)" + json_quoted(*conversation);
  fmt::format_to(std::back_inserter(out), R"(,"generated_at":"{}","partial":{},"context":{{)",
                 timestamp(time_.wall()), partial);
  for (const auto& each : from.parts) {
    if (&each != &from.parts.front()) out += ',';
    out += json_quoted(each.of->what.query.name);
    out += ':';
    out += each.failed() ? std::string_view{"null"} : std::string_view{(**each.answer).json};
  }
  out += R"(},"providers":{)";
  out += providers_of(from);
  out += "}}";
  return out;
}

std::string composite::providers_of(const gathering& from) const {
  std::string out;
  for (const auto& one : sources_) {
    std::optional<section_status> worst;
    boot_clock::duration longest{};
    for (const auto& each : from.parts) {
      if (each.of->from != one.get()) continue;
      worst = std::max(worst.value_or(section_status::empty), status_of(*each.answer));
      longest = std::max(longest, each.took);
    }
    if (!worst) continue;
    fmt::format_to(std::back_inserter(out), R"({}{}:{{"status":"{}","latency_ms":{:.1f}}})",
                   out.empty() ? "" : ",", json_quoted(one->name), name(*worst), milliseconds(longest));
  }
  return out;
}

std::vector<provider_stats> composite::stats() const {
  std::vector<provider_stats> out;
  for (const auto& each : sources_) {
    provider_stats one{.name = each->name, .latency = each->latency.read()};
    for (std::size_t i = 0; i < one.sections.size(); ++i)
      one.sections[i] = each->by_status.total(static_cast<section_status>(i));
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<composite::provider_health> composite::report() const {
  std::vector<provider_health> out;
  for (const auto& each : sources_) out.push_back({each->name, each->asked->report()});
  return out;
}

asio::awaitable<void> composite::stop() {
  for (const auto& each : sources_) co_await each->asked->stop();
}

std::shared_ptr<composite> make_composite(composite_options options, const clock& time) {
  return std::make_shared<composite>(std::move(options), time);
}

}  // namespace ctxcache::providers
