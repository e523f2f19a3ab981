#include "model/outbox_sql.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace ctxcache {
namespace {

constexpr std::size_t name_bytes_max = 63;  // the server cuts longer ones

std::string doubled(std::string_view text, char what) {
  std::string out;
  for (const char byte : text) {
    out += byte;
    if (byte == what) out += byte;
  }
  return out;
}

std::string identifier(std::string_view name) {
  return fmt::format("\"{}\"", doubled(name, '"'));
}

std::string literal(std::string_view text) {
  // With an E the backslash means the same under every setting of the server.
  return fmt::format("E'{}'", doubled(doubled(text, '\\'), '\''));
}

// A text between dollar signs, which nothing in it can end.
std::string dollar_quoted(const std::string& body) {
  std::string tag = "$ctxcache$";
  while (body.find(tag) != std::string::npos) tag.insert(tag.size() - 1, "_");
  return tag + "\n" + body + tag;
}

std::string qualified(std::string_view schema, std::string_view name) {
  return identifier(schema) + "." + identifier(name);
}

// Beside its table, so that tables of one name in two schemas do not meet.
std::string function_of(const watched_table& table) {
  auto name = "ctxcache_changed_" + table.name;
  if (name.size() > name_bytes_max)
    name = fmt::format("ctxcache_changed_{:016x}", XXH3_64bits(table.name.data(), table.name.size()));
  return qualified(table.schema, name) + "()";
}

std::string outbox_table(const std::string& outbox) {
  return fmt::format(R"(create table if not exists {0} (
  n bigint generated always as identity primary key,
  customer_id text,  -- null: all customers
  table_name text not null,
  op text not null,
  at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- The role with which ctxcached logs in needs, if it is not the one that runs this:
--   grant select, delete on {0} to ROLE;

)",
                     outbox);
}

std::string trigger_function(const std::string& name, const std::string& body) {
  return fmt::format(
      "create or replace function {0} returns trigger language plpgsql\n"
      "  security definer set search_path = pg_catalog, pg_temp as {1};\n"
      "revoke all on function {0} from public;  -- no triggers of others\n\n",
      name, dollar_quoted(body));
}

std::string write_down(std::string_view outbox, std::string_view id) {
  return fmt::format(
      "insert into {} (customer_id, table_name, op)\n"
      "      values ({}, tg_table_schema || '.' || tg_table_name, lower(tg_op));\n",
      outbox, id);
}

std::string ring() {
  return fmt::format("  perform pg_notify('{}', '');\n  return null;\n", outbox_name);
}

std::string truncated_function(const std::string& name, const std::string& outbox) {
  return trigger_function(name, "begin\n  " + write_down(outbox, "null") + ring() + "end\n");
}

std::string changed_function(const watched_table& table, const std::string& outbox) {
  std::string body = "declare\n  id_before text;\n  id_now text;\nbegin\n";
  for (const auto& each : table.customer_columns) {
    const auto column = identifier(each);
    body += fmt::format(
        "  id_before := null;\n  id_now := null;\n"
        "  if tg_op <> 'INSERT' then id_before := old.{0}::text; end if;\n"
        "  if tg_op <> 'DELETE' then id_now := new.{0}::text; end if;\n"
        "  if id_before is not null then\n    {1}  end if;\n"
        "  if id_now is not null and id_now is distinct from id_before then\n    {2}  end if;\n",
        column, write_down(outbox, "id_before"), write_down(outbox, "id_now"));
  }
  return trigger_function(function_of(table), body + ring() + "end\n");
}

std::string triggers(const watched_table& table, const std::string& truncated) {
  // `*<>` compares rows of every type, and `is distinct from` does not: it fails for json.
  return fmt::format(R"(drop trigger if exists ctxcache_changed on {0};
create trigger ctxcache_changed after insert or delete on {0}
  for each row execute function {1};
drop trigger if exists ctxcache_updated on {0};
create trigger ctxcache_updated after update on {0}
  for each row when (old operator(pg_catalog.*<>) new) execute function {1};
drop trigger if exists ctxcache_truncated on {0};
create trigger ctxcache_truncated after truncate on {0}
  for each statement execute function {2};

)",
                     qualified(table.schema, table.name), function_of(table), truncated);
}

// One entry a table: the same function would else be made for one column and then for another.
std::vector<watched_table> merged(const std::vector<watched_table>& tables) {
  std::vector<watched_table> out;
  for (const auto& each : tables) {
    auto known = std::ranges::find_if(
        out, [&](const auto& one) { return one.schema == each.schema && one.name == each.name; });
    if (known == out.end())
      known = out.insert(out.end(), {.schema = each.schema, .name = each.name, .customer_columns = {}});
    for (const auto& column : each.customer_columns) {
      if (std::ranges::find(known->customer_columns, column) == known->customer_columns.end())
        known->customer_columns.push_back(column);
    }
  }
  return out;
}

// Nobody can ask with a parameter here; a null fits every type.
std::string without_parameters(std::string_view query) {
  std::string out;
  for (std::size_t i = 0; i < query.size(); ++i) {
    const bool parameter = query[i] == '$' && i + 1 < query.size() && query[i + 1] >= '1' &&
                           query[i + 1] <= '9' && (i == 0 || query[i - 1] != '$');
    if (!parameter) {
      out += query[i];
      continue;
    }
    out += "null";
    while (i + 1 < query.size() && query[i + 1] >= '0' && query[i + 1] <= '9') ++i;
  }
  const auto last = out.find_last_not_of(" \t\r\n;");
  return out.substr(0, last == std::string::npos ? 0 : last + 1);
}

}  // namespace

std::optional<watched_table> parse_watched_table(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.find('\0') != std::string_view::npos) return std::nullopt;
  auto table = text.substr(0, colon);
  watched_table out;
  if (const auto dot = table.find('.'); dot != std::string_view::npos) {
    out.schema = table.substr(0, dot);
    table = table.substr(dot + 1);
  }
  out.name = table;
  auto rest = text.substr(colon + 1);
  while (true) {
    const auto comma = rest.find(',');
    out.customer_columns.emplace_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) break;
    rest = rest.substr(comma + 1);
  }
  const bool nameless = out.schema.empty() || out.name.empty() || out.name.find('.') != std::string::npos;
  if (nameless || std::ranges::any_of(out.customer_columns, &std::string::empty)) return std::nullopt;
  return out;
}

std::string install_outbox_sql(const std::string& schema, const std::vector<watched_table>& tables) {
  const auto outbox = qualified(schema, outbox_name);
  const auto truncated = qualified(schema, "ctxcache_truncated") + "()";
  // That something is there already, or not yet, is no news.
  auto out = "begin;\nset local client_min_messages = warning;\n" + outbox_table(outbox) +
             truncated_function(truncated, outbox);
  for (const auto& each : merged(tables)) out += changed_function(each, outbox) + triggers(each, truncated);
  return out + "commit;\n";
}

std::string uninstall_outbox_sql(const std::string& schema) {
  const std::string body = R"(declare
  one record;
begin
  for one in
    select distinct tgfoid::regprocedure as called from pg_trigger
    where tgname in ('ctxcache_changed', 'ctxcache_updated', 'ctxcache_truncated') and not tgisinternal
  loop
    execute format('drop function %s cascade', one.called);  -- with the triggers that call it
  end loop;
end
)";
  return fmt::format("begin;\ndo {};\ndrop table if exists {};\ncommit;\n", dollar_quoted(body),
                     qualified(schema, outbox_name));
}

std::string tables_read_sql(const std::vector<named_query>& queries) {
  std::string out = "begin;\n";
  std::string views;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto view = fmt::format("ctxcache_query_{}", i);
    // A view depends on all that its query reads.
    out += fmt::format("create temporary view {} as select 1 as one from (\n{}\n) ctx_row;\n", view,
                       without_parameters(queries[i].text));
    views += fmt::format("{}({}, 'pg_temp.{}'::regclass)", i == 0 ? "" : ",\n             ",
                         literal(queries[i].name), view);
  }
  if (!queries.empty()) {
    out += fmt::format(R"(select query.name as "section", read.refobjid::regclass as "table",
       string_agg(attname, ', ' order by attnum) as "columns"
from (values {}) as query(name, view)
join pg_rewrite on ev_class = query.view
join pg_depend read on read.classid = 'pg_rewrite'::regclass and read.objid = pg_rewrite.oid
     and read.refclassid = 'pg_class'::regclass and read.refobjid <> query.view
left join pg_attribute on attrelid = read.refobjid and attnum = read.refobjsubid and attnum > 0
group by 1, 2 order by 1, 2;
)",
                       views);
  }
  return out + "rollback;\n";
}

}  // namespace ctxcache
