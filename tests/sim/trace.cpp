#include "trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "history/check.hpp"

namespace ctxcache::sim {
namespace {

struct line {
  history::interval when;
  std::string text;
};

std::string text_of(const history::invalidation& one) {
  return fmt::format("{} {} {} '{}' at {} status {}{}", one.process, one.fence ? "fence" : "invalidate",
                     name(one.what.kind()), one.what.text(), history::text_of(one.at), one.status,
                     one.confirmed ? " confirmed" : "");
}

std::string text_of(const history::put& one) {
  return fmt::format("{} put {} version {} at {} status {}", one.process, one.where.text(), one.version,
                     history::text_of(one.at), one.status);
}

std::string text_of(const history::read& one) {
  return fmt::format("{} read {} version {} from {}{}{}{} status {}", one.process, one.wanted.text(),
                     one.version.value_or(0), one.source, one.strict ? " strict" : "",
                     one.bypass ? " bypass" : "",
                     one.min_position ? " token " + history::text_of(one.min_position) : "", one.status);
}

std::vector<line> lines_of(const history::history& all) {
  std::vector<line> lines;
  for (const auto& one : all.commits) {
    lines.push_back({{one.invoked, one.answered.value_or(one.invoked)},
                     fmt::format("commit {} version {}", one.customer, one.version)});
  }
  for (const auto& one : all.invalidations) lines.push_back({one.when, text_of(one)});
  for (const auto& one : all.puts) lines.push_back({one.when, text_of(one)});
  for (const auto& one : all.reads) lines.push_back({one.when, text_of(one)});
  for (const auto& one : all.loads) {
    lines.push_back(
        {one.when, fmt::format("{} load {} version {}", one.process, one.wanted.text(), one.version)});
  }
  for (const auto& one : all.faults) lines.push_back({{one.from, one.to}, "fault " + one.kind});
  return lines;
}

}  // namespace

void print_trace(std::ostream& to, const history::history& all) {
  auto lines = lines_of(all);
  std::ranges::stable_sort(lines, {}, [](const line& one) { return one.when.answered; });
  history::instant first = 0;
  for (const auto& one : all.commits) first = first == 0 ? one.invoked : std::min(first, one.invoked);
  const auto since = [first](history::instant at) { return static_cast<double>(at - first) / 1'000; };
  for (const auto& one : lines) {
    to << fmt::format("{:10.3f} {:10.3f}  {}\n", since(one.when.invoked), since(one.when.answered), one.text);
  }
}

}  // namespace ctxcache::sim
