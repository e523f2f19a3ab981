#include "config/table_parts.hpp"
#include "config/units.hpp"
#include "schedule/plan.hpp"

namespace ctxcache::config {
namespace {

constexpr bounds up_to_a_day{0, 86'400'000};
constexpr bounds some_of_a_day{1'000, 86'400'000};

parsed<missed_policy> to_missed(const node& from) {
  const auto word = to_choice(from, {"run", "skip"});
  if (!word) return word.error();
  return *word == "run" ? missed_policy::run : missed_policy::skip;
}

class schedule_reader {
 public:
  schedule_reader(const member& of, loaded& made) : of_(of), made_(made), reader_(of, made.errors) {}

  void read() {
    one_.name = of_.name;
    one_.at = of_.at;
    if (const auto wrong = check_name(of_.name)) made_.errors.push_back({of_.at, wrong->text()});
    check_when();
    read_times();
    read_event();
    read_segments();
    read_how();
    reader_.finish();
    list();
    made_.config.schedules.push_back(std::move(one_));
  }

 private:
  void check_when() {
    const char* first = nullptr;
    for (const auto* key : {"cron", "before", "on_event"}) {
      if (reader_.find(key) == nullptr) continue;
      if (first != nullptr) {
        reader_.complain(key, std::string{"a schedule has "} + first + " or " + key + ", not both");
      }
      first = key;
    }
    if (first != nullptr) return;
    made_.errors.push_back({of_.at, "a schedule needs cron, before (with lead) or on_event"});
  }

  void read_times() {
    const auto lead = [](const node& from) { return to_duration(from, some_of_a_day); };
    const auto jitter = [](const node& from) { return to_duration(from, up_to_a_day); };
    const auto text = [&](std::string_view key) { return reader_.read(key, to_some_text); };
    if (const auto zone = text("timezone")) one_.timezone = *zone;
    if (const auto expression = text("cron")) one_.cron = *expression;
    if (const auto peak = text("before")) one_.before = *peak;
    if (const auto length = reader_.read("lead", lead)) one_.lead = *length;
    if (const auto most = reader_.read("jitter", jitter)) one_.jitter = *most;
    if (const auto policy = reader_.read("missed", to_missed)) one_.missed_runs = *policy;
    const bool peaks = reader_.find("before") != nullptr;
    const bool leads = reader_.find("lead") != nullptr;
    if (peaks && !leads) reader_.complain("before", "before: needs lead, how long before it warming begins");
    if (leads && !peaks) reader_.complain("lead", "lead: only with before");
    check_times();
  }

  void check_times() {
    const auto zone = schedule::zone::find(one_.timezone);
    if (const auto* wrong = std::get_if<schedule::problem>(&zone)) {
      return reader_.complain("timezone", "timezone: " + wrong->why);
    }
    if (one_.cron.empty() == one_.before.empty()) return;
    const schedule::timing times{
        .cron = one_.cron, .before = one_.before, .timezone = one_.timezone, .missed = {}};
    const auto made = schedule::plan::make(times);
    const auto* wrong = std::get_if<schedule::problem>(&made);
    if (wrong != nullptr) reader_.complain(one_.before.empty() ? "cron" : "before", wrong->why);
  }

  void read_event() {
    const auto type = reader_.read("on_event", to_some_text);
    if (!type) return;
    one_.on_event = *type;
    for (const auto* key : {"timezone", "jitter", "missed"}) {
      if (reader_.find(key) != nullptr) {
        reader_.complain(key, std::string{key} + ": only with cron or before; an event comes when it comes");
      }
    }
  }

  void read_segments() {
    name_list segments{"segments", "segment", {}};
    for (const auto& one : made_.config.segments) segments.known.push_back(one.name);
    const auto named = read_names(reader_, segments, made_.errors);
    if (reader_.find("segments") == nullptr) {
      made_.errors.push_back({of_.at, "segments is missing: a schedule warms at least one"});
    }
    if (!named) return;
    one_.segments = *named;
    if (named->empty()) reader_.complain("segments", "segments: a schedule warms at least one");
  }

  void read_how() {
    const auto hold = [](const node& from) { return to_duration(from, up_to_a_day); };
    if (const auto named = read_agent_types(reader_, made_)) one_.agent_types = *named;
    if (const auto all = reader_.read("refresh", to_bool)) one_.refresh = *all;
    if (const auto length = reader_.read("hold", hold)) one_.hold = *length;
  }

  void list() {
    shown_table shown{"schedule." + one_.name, reader_, made_};
    if (!one_.on_event.empty()) {
      shown.add("on_event", one_.on_event);
    } else {
      if (!one_.cron.empty()) shown.add("cron", one_.cron);
      if (!one_.before.empty()) shown.add("before", one_.before);
      if (!one_.before.empty()) shown.add("lead", format_duration(one_.lead));
      shown.add("timezone", one_.timezone);
      shown.add("jitter", format_duration(one_.jitter));
      shown.add("missed", one_.missed_runs == missed_policy::run ? "run" : "skip");
    }
    shown.add("segments", joined(one_.segments));
    shown.add("agent_types", one_.agent_types.empty() ? "all" : joined(one_.agent_types));
    shown.add("refresh", one_.refresh ? "true" : "false");
    shown.add("hold", format_duration(one_.hold));
  }

  const member& of_;
  loaded& made_;
  table_reader reader_;
  schedule_config one_;
};

}  // namespace

void read_schedules(const member& tables, loaded& made) {
  for_each_table(tables, made.errors, [&](const member& one) { schedule_reader{one, made}.read(); });
}

}  // namespace ctxcache::config
