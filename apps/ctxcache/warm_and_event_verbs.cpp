#include "arguments.hpp"

namespace ctxcache::client {
namespace {

constexpr auto warm_examples = R"(Examples:
  ctxcache warm --customers enterprise,high_value --agent-types support,billing
  ctxcache warm --file customers.txt --refresh
  ctxcache warm --customers enterprise --hold 2h --detach
  ctxcache warm report
A file of more than 50,000 customers, or of very long ids, is sent in parts, one after the other.
Ends with 6 when some customers could not be warmed, or lines of the file are no ids; Ctrl-C ends the
following, not the job.)";

constexpr auto events_examples = R"(Examples:
  ctxcache events follow
  ctxcache events list --dead
  ctxcache events replay --all
What was invalidated, by events or otherwise, shows `ctxcache invalidations`.)";

void add_warm_wishes(CLI::App& verb, warm_options& how) {
  add_list(verb, "--agent-types", how.agent_types, "Only these agent types; all without it.")
      ->type_name("NAME,...");
  verb.add_flag("--refresh", how.refresh, "Loads what is warm, too.");
  add_optional(verb, "--hold", how.hold, "Keeps them warm so long, by loading again what expires.")
      ->type_name("DURATION");
  const auto concurrency = [&how](std::uint32_t number) { how.concurrency = number; };
  verb.add_option_function<std::uint32_t>("--concurrency", concurrency,
                                          "Loads at a time; as configured without it.")
      ->type_name("NUMBER");
  const auto rate = [&how](double number) { how.loads_per_second = number; };
  verb.add_option_function<double>("--loads-per-second", rate, "At most so many; as configured without it.")
      ->type_name("NUMBER");
  verb.add_flag("--detach", how.detach, "Does not wait for the end.");
}

void add_job_verb(CLI::App& warm_verb, arguments& into, const std::string& name, const std::string& doc,
                  exit_code (*action)(const daemon&, const std::string&)) {
  auto& verb = add_verb(warm_verb, into, name, doc, [&into, action] { return action(into.whom, into.job); });
  verb.add_option("JOB", into.job, "The job's id.")->required()->type_name("TEXT");
}

}  // namespace

void add_warm_verbs(CLI::App& app, arguments& into) {
  auto& how = into.warm;
  auto& verb = add_verb(app, into, "warm", "Loads the contexts of customers before they are asked for.",
                        [&into] { return warm(into.whom, into.warm); });
  auto* whom = verb.add_option_group("whom", "One of these");
  whom->set_help_flag();
  add_list(*whom, "--customers", how.segments, "The customers of segments, as the configuration names them.")
      ->type_name("SEGMENT,...");
  add_list(*whom, "--customer-ids", how.customer_ids, "These customers.")->type_name("ID,...");
  add_optional(*whom, "--file", how.file,
               "Each customer in a file: one id a line, # comments; - reads stdin.")
      ->type_name("FILE");
  whom->require_option(0, 1);
  add_warm_wishes(verb, how);
  add_verb(verb, into, "report", "Lists the last jobs, and how much of what they loaded was hit later.",
           [&into] { return show_warm_runs(into.whom); });
  add_job_verb(verb, into, "status", "Shows how far a job is.", show_warm_job);
  add_job_verb(verb, into, "cancel", "Ends a job.", cancel_warm_job);
  verb.footer(warm_examples);  // at last, for verbs below inherit it
}

void add_event_verbs(CLI::App& app, arguments& into) {
  auto* events = app.add_subcommand("events", "Shows and replays change events.");
  events->require_subcommand(1);
  auto& list = add_verb(*events, into, "list", "Lists the change events that the daemon has taken lately.",
                        [&into] { return list_events(into.whom, into.events); });
  list.add_flag("--dead", into.events.dead, "Those of all daemons that could not be applied, and why.");
  add_verb(*events, into, "follow", "Lists them, and what comes, until Ctrl-C.", [&into] {
    into.events.follow = true;
    return list_events(into.whom, into.events);
  });
  auto& replay = add_verb(*events, into, "replay", "Takes events again that could not be applied.",
                          [&into] { return replay_events(into.whom, into.replay); });
  add_optional(replay, "NUMBER", into.replay.number, "Of one, as `events list --dead` shows it.");
  replay.add_flag("--all", into.replay.all, "All of them.");
  events->footer(events_examples);
}

}  // namespace ctxcache::client
