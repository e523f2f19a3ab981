// Random expressions in random zones against an independent implementation: croniter for what the fields
// match, and Python's zoneinfo for what the clocks show. Repeat a run with --gtest_random_seed=SEED.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include "schedule/field.hpp"
#include "schedule/schedule_test_support.hpp"
#include "support/child_process.hpp"

namespace ctxcache::schedule {
namespace {

using namespace std::chrono_literals;

// Reads lines of zone, expression, start and times, separated by tabs, and prints those that it finds wrong.
constexpr auto judge = R"(
import datetime, sys, zoneinfo
from croniter import croniter, CroniterBadDateError

UTC = datetime.timezone.utc
EDGE = datetime.timedelta(hours=1)  # no fold of the zones asked for is longer

def shown(moment, zone):
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)

def moments(civil, zone, fixed):
    """When the clocks show that, by the promises of cron.hpp."""
    readings = sorted({civil.replace(tzinfo=zone, fold=f).astimezone(UTC) for f in (0, 1)})
    real = [m for m in readings if shown(m, zone) == civil]
    if not fixed:
        return real
    if real:
        return real[:1]
    before, after = readings
    while after - before > datetime.timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if shown(middle, zone) < civil else (before, middle)
    return [after]

def next_of(expression, begin):
    soon = croniter(expression, begin, datetime.datetime, day_or=False, max_years_between_matches=1)
    try:
        return soon.get_next()
    except CroniterBadDateError:
        return datetime.datetime.max

def following(expressions, show, last):
    """The next that one of them matches. Month by month: behind February croniter leaves out some days."""
    months = croniter.expand(expressions[0])[0][3]
    month = show.replace(day=1, hour=0, minute=0, second=0)
    while month <= last:
        end = (month + datetime.timedelta(days=31)).replace(day=1)
        if months == ["*"] or month.month in months:
            begin = max(show, month - datetime.timedelta(minutes=1))
            match = min(next_of(e, begin) for e in expressions)
            if match < end:
                return match
        month = end
    return month

def expected(zone, expression, start, end):
    minute, hour, day, month, weekday = expression.split()
    fixed = not hour.startswith("*")
    if day.startswith("*") or weekday.startswith("*"):
        expressions = [expression]
    else:
        expressions = [f"{minute} {hour} {day} {month} *", f"{minute} {hour} * {month} {weekday}"]
    show, last = shown(start, zone) - EDGE, shown(end, zone) + EDGE
    found = set()
    while (show := following(expressions, show, last)) <= last:
        found.update(m for m in moments(show, zone, fixed) if start < m <= end)
    return sorted(found)

compared = wrong = 0
for line in open(sys.argv[1]):
    name, expression, start, times = line.rstrip("\n").split("\t")
    moment = lambda text: datetime.datetime.fromtimestamp(int(text), UTC)
    ours = [moment(t) for t in times.split()]
    theirs = expected(zoneinfo.ZoneInfo(name), expression, moment(start), ours[-1])
    compared += 1
    if ours != theirs:
        wrong += 1
        print(name, expression, "after", moment(start))
        print("  ours  ", *ours, sep="  ")
        print("  theirs", *theirs, sep="  ")
print(compared, "compared,", wrong, "wrong")
)";

class random_schedules {
 public:
  explicit random_schedules(unsigned seed) : random_(seed) {}

  std::string expression() {
    static constexpr std::array<std::string_view, 7> weekdays{"sun", "mon", "tue", "wed",
                                                              "thu", "fri", "sat"};
    static constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                             "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto day = some({"day", 1, 31}, 0xFFFFFFFE);
    return list(0, 59, {}) + ' ' + list(0, 23, {}) + ' ' + day + ' ' + list(1, 12, months) + ' ' +
           some({"weekday", 0, 6, weekdays}, 0x7F);
  }

  unsigned from(unsigned first, unsigned last) { return std::uniform_int_distribution{first, last}(random_); }

  /// Between 2000 and 2034; one in two within a day of a change of the clocks.
  instant start(const zone& in) {
    const auto any = at("2000-01-01T00:00") + std::chrono::seconds{from(0, 35u * 365 * 86'400)};
    const auto change = in.around(any).end;
    if (change > at("2035-01-01T00:00") || from(0, 1) == 0) return any;
    return change - 24h + std::chrono::seconds{from(0, 26 * 3'600)};
  }

 private:
  using names = std::span<const std::string_view>;

  // croniter takes "0-6" for "*", which makes a difference to the other field of days.
  std::string some(const field& which, std::uint64_t all) {
    while (true) {
      auto text = list(which.first, which.last, which.words);
      const auto values = parse_field(which, text);
      if (text.starts_with('*') || std::get<std::uint64_t>(values) != all) return text;
    }
  }
  std::string list(unsigned first, unsigned last, names words) {
    if (from(0, 9) < 4) return "*";
    auto text = part(first, last, words);
    while (from(0, 3) == 0) text += ',' + part(first, last, words);
    return text;
  }
  std::string part(unsigned first, unsigned last, names words) {
    const auto least = from(first, last);
    switch (from(0, 3)) {
      case 0:
        return "*/" + std::to_string(from(1, last));
      case 1:
        return value(least, first, words) + '-' + value(from(least, last), first, words);
      case 2:
        return std::to_string(least) + '-' + std::to_string(last) + '/' + std::to_string(from(1, last));
      default:
        return value(least, first, words);
    }
  }
  std::string value(unsigned what, unsigned first, names words) {
    if (words.empty() || from(0, 1) == 0) return std::to_string(what);
    return std::string{words[what - first]};
  }

  std::mt19937 random_;
};

unsigned chosen_seed() {
  const auto given = testing::GTEST_FLAG(random_seed);
  return given != 0 ? static_cast<unsigned>(given) : std::random_device{}() % 99'999 + 1;
}

/// The times of random schedules, as the judge reads them.
void write_times(const std::string& path, unsigned seed, std::size_t schedules) {
  constexpr std::array<const char*, 10> zones{
      "UTC",          "Asia/Kolkata",        "Europe/Berlin",     "America/New_York", "America/Sao_Paulo",
      "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "Asia/Tehran"};
  constexpr int times = 12;
  random_schedules random{seed};
  std::ofstream lines{path};
  for (std::size_t written = 0; written < schedules;) {
    const auto in = zone_named(zones[written % zones.size()]);
    const auto expression = random.expression();
    const auto parsed = cron::parse(expression, in);
    if (const auto* refused = std::get_if<problem>(&parsed)) {
      EXPECT_NE(refused->why.find("never comes"), std::string::npos) << expression << ": " << refused->why;
      continue;
    }
    // The library of zones knows the changes of the clocks until then.
    const auto last = at("2037-01-01T00:00");
    const auto start = random.start(in);
    auto next = std::get<cron>(parsed).next(start);
    if (!next || *next >= last) continue;
    lines << fmt::format("{}\t{}\t{}\t", in.name(), expression, start.time_since_epoch().count());
    for (int i = 0; i < times && next && *next < last; ++i) {
      lines << next->time_since_epoch().count() << ' ';
      next = std::get<cron>(parsed).next(*next);
    }
    lines << '\n';
    ++written;
  }
}

TEST(cron, agrees_with_an_independent_implementation) {
  const auto seed = chosen_seed();
  fmt::print("seed {}\n", seed);
  const test::temporary_folder folder;
  const auto times = folder.path() + "/times";
  write_times(times, seed, 400);
  const auto verdict = folder.path() + "/verdict";
  test::child_process child{{"/usr/bin/python3", "-c", judge, times}, verdict};
  child.end(0);
  std::stringstream said;
  said << std::ifstream{verdict}.rdbuf();
  EXPECT_NE(said.str().find("400 compared, 0 wrong"), std::string::npos) << "seed " << seed << '\n'
                                                                         << said.str();
}

}  // namespace
}  // namespace ctxcache::schedule
