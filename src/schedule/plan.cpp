#include "schedule/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace ctxcache::schedule {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds lead_max = std::chrono::days{7};
constexpr std::chrono::seconds jitter_max = std::chrono::days{1};

/// "08:30 Mon-Fri" as "30 08 * * Mon-Fri".
std::variant<std::string, problem> cron_of_peak(std::string_view peak) {
  constexpr auto is_digit = [](char byte) { return byte >= '0' && byte <= '9'; };
  const auto time = peak.substr(0, peak.find(' '));
  const auto days = peak.substr(std::min(peak.size(), time.size() + 1));
  const bool shaped = time.size() == 5 && time[2] == ':' && is_digit(time[0]) && is_digit(time[1]) &&
                      is_digit(time[3]) && is_digit(time[4]);
  if (!shaped || days.find(' ') != std::string_view::npos) {
    return problem{
        fmt::format("before: \"{}\" is no time of the day, write one like \"08:30\" or "
                    "\"08:30 Mon-Fri\"",
                    peak)};
  }
  return fmt::format("{} {} * * {}", time.substr(3), time.substr(0, 2), days.empty() ? "*" : days);
}

/// Bits that look random, the same in every process and version.
std::uint64_t drawn_from(std::string_view name, instant at) {
  auto bits = static_cast<std::uint64_t>(at.time_since_epoch().count());
  for (const char byte : name) bits = (bits ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
  // The finalizer of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
  bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
  return bits ^ bits >> 31;
}

std::optional<problem> refused(const timing& wanted) {
  if (wanted.cron.empty() == wanted.before.empty()) {
    return problem{"a schedule has either cron or before"};
  }
  if (wanted.lead < 0s || wanted.lead > lead_max) return problem{"lead: at most 7 days are allowed"};
  if (wanted.lead > 0s && wanted.before.empty()) {
    return problem{"lead: it goes with before; a cron expression says itself when to begin"};
  }
  if (wanted.jitter < 0s || wanted.jitter > jitter_max) return problem{"jitter: at most 1 day is allowed"};
  return std::nullopt;
}

}  // namespace

std::variant<plan, problem> plan::make(const timing& wanted) {
  if (auto why = refused(wanted)) return *std::move(why);
  const auto in = zone::find(wanted.timezone);
  if (const auto* why = std::get_if<problem>(&in)) return problem{"timezone: " + why->why};
  auto expression = wanted.cron;
  if (!wanted.before.empty()) {
    auto translated = cron_of_peak(wanted.before);
    if (auto* why = std::get_if<problem>(&translated)) return std::move(*why);
    expression = std::get<std::string>(std::move(translated));
  }
  auto times = cron::parse(expression, std::get<zone>(in));
  if (const auto* why = std::get_if<problem>(&times)) {
    return problem{(wanted.before.empty() ? "cron: " : "before: ") + why->why};
  }
  return plan{std::get<cron>(times), wanted};
}

plan::plan(cron times, const timing& wanted)
    : times_(times),
      lead_(wanted.lead),
      jitter_(wanted.jitter),
      missed_(wanted.missed),
      name_(wanted.name),
      text_(fmt::format("{} {} {}s {}", wanted.before.empty() ? "cron" : "before",
                        wanted.before.empty() ? wanted.cron : wanted.before, wanted.lead.count(),
                        times.where().name())) {}

std::optional<instant> plan::planned(instant after) const {
  const auto time = times_.next(after + lead_);
  if (!time) return std::nullopt;
  return *time - lead_;
}

std::optional<occurrence> plan::next(instant after) const {
  const auto at = planned(after);
  if (!at) return std::nullopt;
  if (jitter_ == 0s) return occurrence{*at, *at};
  // Before the next one, so that runs keep their order.
  const auto following = planned(*at);
  const auto room = following ? std::min(jitter_ + 1s, *following - *at) : jitter_ + 1s;
  const auto share = drawn_from(name_, *at) % static_cast<std::uint64_t>(room.count());
  return occurrence{*at, *at + std::chrono::seconds{share}};
}

// The latest that is planned after the one time and not after the other. Looks back further and further, so
// that a long absence costs no more than a short one.
std::optional<occurrence> plan::latest(instant after, instant upto) const {
  for (std::chrono::seconds back = 2min;; back *= 2) {
    const auto from = std::max(after, upto - back);
    auto found = next(from);
    if (found && found->at <= upto) {
      for (auto more = next(found->at); more && more->at <= upto; more = next(more->at)) found = more;
      return found;
    }
    if (from == after) return std::nullopt;
  }
}

plan::decision plan::decide(instant last, instant now) const {
  auto found = latest(last, now);
  if (found && found->due > now) {
    const auto before = latest(last, found->at - 1s);
    if (!before) return {.which = found};
    found = before;
  }
  if (!found) return {.which = next(std::max(last, now))};
  const bool missed = now - found->due > window;
  const bool skipped = missed && missed_ == missed_run::skip;
  return {skipped ? decision::action::skip : decision::action::run, found, missed};
}

}  // namespace ctxcache::schedule
