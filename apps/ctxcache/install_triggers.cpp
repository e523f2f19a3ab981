#include "install_triggers.hpp"

#include <algorithm>

#include "arguments.hpp"
#include "model/outbox_sql.hpp"
#include "own_config.hpp"

namespace ctxcache::client {
namespace {

constexpr auto examples = R"(Examples:
  ctxcache install-triggers --derive ctxcache.toml | psql -v ON_ERROR_STOP=1 postgresql://db/crm
  ctxcache install-triggers --table customers:id --table tickets:customer_id |
    psql -v ON_ERROR_STOP=1 postgresql://db/crm
  ctxcache install-triggers --uninstall | psql -v ON_ERROR_STOP=1 postgresql://db/crm
The owner of the tables runs the SQL; the daemon's role needs SELECT and DELETE on the outbox besides. The
configuration then needs a source:
  [source.crm]
  type = "postgres_outbox"
  provider = "crm"
A change is noticed whoever makes it, but for what PostgreSQL has no triggers for: DROP TABLE, DETACH
PARTITION, changes that arrive by replication, and TRUNCATE of a single partition. Without a daemon that
reads it, the outbox grows.)";

exit_code install(const install_triggers_options& how) {
  if (how.tables.empty()) return report({exit_code::usage, "--table: names no table"});
  std::vector<watched_table> tables;
  for (const auto& text : how.tables) {
    auto table = parse_watched_table(text);
    if (!table) {
      return report(
          {exit_code::usage, "--table: expected [SCHEMA.]TABLE:COLUMN[,COLUMN], got " + printable(text)});
    }
    tables.push_back(std::move(*table));
  }
  return print(install_outbox_sql(how.schema, tables));
}

std::string names_of(const std::vector<const config::provider_config*>& providers) {
  std::string out;
  for (const auto* one : providers) out += (out.empty() ? "" : ", ") + one->name;
  return out;
}

exit_code derive(const install_triggers_options& how) {
  const auto made = load_config(how.derive);
  note_problems(made);
  if (!made.ok()) return exit_code::failure;
  std::vector<const config::provider_config*> asked;
  for (const auto& one : made.config.providers) {
    if (one.type == config::provider_kind::postgres && (!how.provider || one.name == *how.provider))
      asked.push_back(&one);
  }
  if (asked.empty()) return report({exit_code::failure, "there is no such provider of type postgres"});
  if (asked.size() > 1)
    return report({exit_code::usage, "--provider: needed to choose one of " + names_of(asked)});
  std::vector<named_query> queries;
  for (const auto& one : made.config.sections) {
    if (one.provider == asked.front()->name) queries.push_back({one.name, one.text});
  }
  return print(tables_read_sql(queries));
}

}  // namespace

exit_code install_triggers(const install_triggers_options& how) {
  if (how.derive) return derive(how);
  return how.uninstall ? print(uninstall_outbox_sql(how.schema)) : install(how);
}

void add_trigger_verb(CLI::App& app, arguments& into) {
  auto& how = into.triggers;
  auto& verb = add_verb(app, into, "install-triggers",
                        "Prints the SQL with which a PostgreSQL tells the daemons of its changes.",
                        [&into] { return install_triggers(into.triggers); });
  verb.footer(examples);
  auto* what = verb.add_option_group("what", "One of these");
  what->set_help_flag();
  what->add_option("--table", how.tables, "A table, and its columns with a customer's id. May be repeated.")
      ->allow_extra_args(false)
      ->type_name("[SCHEMA.]TABLE:COLUMN,...");
  what->add_flag("--uninstall", how.uninstall, "The SQL that takes triggers and outbox away again.");
  auto* derived =
      add_optional(*what, "--derive", how.derive,
                   "The SQL that lists the tables which the sections of that configuration read.");
  derived->type_name("FILE");
  what->require_option(1);
  add_optional(verb, "--provider", how.provider, "The provider of --derive, where it has several.")
      ->needs(derived);
  verb.add_option("--schema", how.schema, "Where the outbox is.")->capture_default_str()->type_name("TEXT");
}

}  // namespace ctxcache::client
