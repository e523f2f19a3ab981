#include "cli.hpp"

#include <algorithm>
#include <iostream>

#include "arguments.hpp"
#include "config/units.hpp"
#include "documents.hpp"

namespace ctxcache::client {

CLI::Option* add_optional(CLI::App& verb, const std::string& name, std::optional<std::string>& target,
                          const std::string& doc) {
  const auto take = [&target](const std::string& text) { target = text; };
  return verb.add_option_function<std::string>(name, take, doc)->type_name("TEXT");
}

CLI::Option* add_list(CLI::App& verb, const std::string& name, std::vector<std::string>& target,
                      const std::string& doc) {
  const auto take = [&target](const std::string& text) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const auto end = std::min(text.find(',', begin), text.size());
      if (end > begin) target.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  };
  return verb.add_option_function<std::string>(name, take, doc);
}

CLI::App& add_verb(CLI::App& to, arguments& into, const std::string& name, const std::string& doc,
                   std::function<exit_code()> action) {
  auto* verb = to.add_subcommand(name, doc);
  // The verbs below are called before their parent.
  verb->callback([&into, verb, action = std::move(action)] {
    if (verb->get_subcommands().empty()) into.chosen = action;
  });
  return *verb;
}

namespace {

// One of the words of "a|b|c", which is also how help and completion show it.
void add_word(CLI::App& verb, const std::string& name, std::string& target, const std::string& words,
              const std::string& doc, bool required) {
  CLI::Validator known = CLI::IsMember(choices_of(words));
  known.description("");  // else it is shown beside the words
  verb.add_option(name, target, doc)->required(required)->check(known)->type_name(words);
}

void add_key(CLI::App& verb, key_options& key) {
  verb.add_option("CUSTOMER", key.customer_id, "The customer's id.")->required()->type_name("TEXT");
  verb.add_option("AGENT_TYPE", key.agent_type, "The agent type, such as support.")
      ->required()
      ->type_name("TEXT");
  add_optional(verb, "CONVERSATION", key.conversation_id, "The conversation's id.");
}

void add_reading_verbs(CLI::App& app, arguments& into) {
  auto& get_verb = add_verb(app, into, "get", "Prints a customer's context.",
                            [&into] { return get(into.whom, into.get); });
  add_key(get_verb, into.get.key);
  get_verb.add_flag("--no-cache", into.get.no_cache, "Asks the providers, and keeps their answer.");
  get_verb.add_flag("--only-if-cached", into.get.only_if_cached, "Asks no provider; ends with 3 on a miss.");
  const auto max_age = [&into](std::uint32_t seconds) { into.get.max_age = seconds; };
  get_verb
      .add_option_function<std::uint32_t>("--max-age", max_age, "Takes no cached context older than that.")
      ->type_name("SECONDS");
  get_verb.add_flag("--strict", into.get.strict,
                    "Takes nothing cached that an invalidation in the last seconds may not have reached.");
  add_optional(get_verb, "--min-position", into.get.min_position,
               "Takes nothing cached before the daemon has applied that invalidation.")
      ->type_name("POSITION");
  get_verb.add_flag("-i,--include", into.get.include_headers, "Prints the headers of the answer first.");

  add_verb(app, into, "stats", "Shows the daemon's statistics.", [&into] { return show_stats(into.whom); });
  auto& top_verb = add_verb(app, into, "top", "Shows statistics and rates again each second, until Ctrl-C.",
                            [&into] { return top(into.whom, into.top); });
  top_verb.add_flag("--once", into.top.once, "Shows them once, as without a terminal.");
  auto& explain_verb =
      add_verb(app, into, "explain", "Shows what the tiers hold of one key, without touching it.",
               [&into] { return explain(into.whom, into.explain); });
  add_key(explain_verb, into.explain);
  auto& list = add_verb(app, into, "invalidations", "Lists what the daemon has invalidated lately.",
                        [&into] { return invalidations(into.whom, into.invalidations); });
  list.add_flag("-f,--follow", into.invalidations.follow, "Shows what comes, too, until Ctrl-C.");
  add_optional(list, "--after", into.invalidations.after, "Only what came behind this position.")
      ->type_name("POSITION");
  add_verb(app, into, "health", "Shows the state of the daemon's parts.",
           [&into] { return show_health(into.whom); });
}

void add_writing_verbs(CLI::App& app, arguments& into) {
  auto& put_verb = add_verb(app, into, "put", "Stores a JSON object as a customer's context, in both tiers.",
                            [&into] { return put(into.whom, into.put); });
  add_key(put_verb, into.put.key);
  put_verb.add_option("-f,--file", into.put.file, "The document; - (the default) reads stdin.")
      ->type_name("FILE");

  auto& how = into.invalidate;
  auto& verb = add_verb(app, into, "invalidate", "Makes sure that nothing loaded before is served again.",
                        [&into] { return invalidate(into.whom, into.invalidate); });
  auto* what = verb.add_option_group("what", "One of these");
  what->set_help_flag();
  auto* customer = add_optional(*what, "--customer", how.customer_id, "All contexts of one customer.");
  what->add_flag("--all", how.all, "Everything. Asks first.");
  add_optional(*what, "--pattern", how.pattern,
               "All keys that match a Redis glob, such as context:*:support.");
  add_optional(*what, "--file", how.file,
               "All contexts of each customer in a file: one id a line, # comments; - reads stdin.")
      ->type_name("FILE");
  what->require_option(1);
  auto* agent_type =
      add_optional(verb, "--agent-type", how.agent_type, "Only this agent type of the customer.");
  agent_type->needs(customer);
  add_optional(verb, "--conversation", how.conversation_id, "Only this conversation.")->needs(agent_type);
  verb.add_option("--reason", how.reason, "Why; kept for those who ask later.")->type_name("TEXT");
  verb.add_flag("--dry-run", how.dry_run, "Counts what would go, and changes nothing.");
  verb.add_flag("--fence", how.fence,
                "Waits until no daemon serves it any more; fails when that is not sure.");
  verb.add_flag("-y,--yes", how.yes, "Does not ask before --all.");
}

void add_local_verbs(CLI::App& app, arguments& into) {
  auto* config = app.add_subcommand("config", "Checks and shows configurations, without a daemon.");
  config->require_subcommand(1);
  auto& check = add_verb(*config, into, "check", "Reports all mistakes in a configuration file.",
                         [&into] { return check_config(into.config); });
  add_optional(check, "FILE", into.config.file, "The TOML file.")->required()->type_name("FILE");
  auto& show = add_verb(*config, into, "show", "Shows every effective value, and where it comes from.",
                        [&into] { return show_config(into.config); });
  add_optional(show, "FILE", into.config.file, "The TOML file.")->type_name("FILE");

  auto& completion = add_verb(app, into, "completion", "Prints a completion script for a shell.",
                              [&into] { return print_completion(into.shell); });
  add_word(completion, "SHELL", into.shell, "bash|zsh|fish", "The shell.", true);
  auto& man = add_verb(app, into, "man", "Prints a manual page, in roff.",
                       [&into] { return print_man_page(into.program); });
  add_word(man, "PROGRAM", into.program, "ctxcache|ctxcached", "Whose page; the client's by default.", false);
}

void define(CLI::App& app, arguments& into) {
  app.name("ctxcache");
  app.description("Asks and tends a ctxcached.");
  app.set_version_flag("--version", "ctxcache " CTX_VERSION, "Shows the version and ends.");
  app.set_help_flag("-h,--help", "Shows the options and ends.");
  app.fallthrough();  // the options below may stand behind the verb
  app.require_subcommand(1);
  app.add_option("--url", into.url, "Where the daemon is; CTXCACHE_URL in the environment says it too.")
      ->envname("CTXCACHE_URL")
      ->type_name("URL")
      ->capture_default_str();
  app.add_option("--timeout", into.timeout, "How long an answer may take.")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_flag("--json", into.whom.as_json, "Prints JSON.");
  add_reading_verbs(app, into);
  add_writing_verbs(app, into);
  add_warm_verbs(app, into);
  add_event_verbs(app, into);
  add_trigger_verb(app, into);
  add_local_verbs(app, into);
}

std::optional<failure> settle(arguments& into) {
  const auto where = parse_url(into.url);
  if (!where)
    return failure{exit_code::usage, "--url: expected http://HOST[:PORT], got " + printable(into.url)};
  const auto timeout = config::parse_duration(into.timeout);
  if (!timeout || timeout->count() <= 0) {
    return failure{exit_code::usage,
                   "--timeout: expected a duration such as 30s, got " + printable(into.timeout)};
  }
  into.whom.where = *where;
  into.whom.timeout = *timeout;
  into.whom.screen = look_at_terminal();
  into.config.as_json = into.whom.as_json;
  return std::nullopt;
}

command_text describe(const CLI::App& app) {
  command_text made{app.get_name(), app.get_description(), app.get_footer(), {}, {}, {}};
  for (const auto* option : app.get_options()) {
    const auto argument = option->get_items_expected_max() == 0 ? std::string{} : option->get_type_name();
    if (option->get_positional()) {
      made.positionals.push_back(
          {option->get_name(true), argument, option->get_description(), option->get_required()});
      continue;
    }
    std::vector<std::string> names;
    for (const auto& name : option->get_snames()) names.push_back("-" + name);
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    made.options.push_back({names, argument, option->get_description()});
  }
  for (const auto* verb : app.get_subcommands(nullptr)) {
    auto below = describe(*verb);
    if (!verb->get_name().empty()) {
      made.verbs.push_back(std::move(below));
    } else {  // a group of options
      made.options.insert(made.options.end(), below.options.begin(), below.options.end());
    }
  }
  return made;
}

}  // namespace

command_text client_text() {
  arguments unused;
  CLI::App app;
  define(app, unused);
  return describe(app);
}

exit_code run(int argc, const char* const* argv) {
  arguments into;
  CLI::App app;
  define(app, into);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? exit_code::ok : exit_code::usage;
  }
  if (const auto wrong = settle(into)) return report(*wrong);
  return into.chosen();
}

}  // namespace ctxcache::client
