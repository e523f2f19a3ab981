#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctxcache {

/// The table in which triggers of PostgreSQL write down whose rows have changed, and the channel on which
/// they say that there is something in it.
inline constexpr std::string_view outbox_name = "ctxcache_outbox";

/// A table whose changes are written down, and the columns that hold a customer's id.
struct watched_table {
  std::string schema = "public";
  std::string name;
  std::vector<std::string> customer_columns;
};

/// Reads "[SCHEMA.]TABLE:COLUMN[,COLUMN…]", each name as it stands in the database's catalog, without quotes;
/// nullopt for everything else.
[[nodiscard]] std::optional<watched_table> parse_watched_table(std::string_view text);

/// SQL that makes the outbox in that schema, and on each table triggers that write into it; it may be run
/// again and again. A row that changes is written down under its customer of before and of now, a TRUNCATE
/// under none, which means all customers. Rows that stay as they were, or have no customer, are not.
///
/// The triggers are for each row, because those are the ones that hold for a partition that is written
/// directly, too: an UPDATE of 100,000 rows took 2.0 s with them, 1.5 s with transition tables, 0.4 s
/// without. They write with the rights of who runs this SQL, so those who change rows need none of their own.
[[nodiscard]] std::string install_outbox_sql(const std::string& schema,
                                             const std::vector<watched_table>& tables);

/// SQL that takes all of it away again, whatever tables it was made for.
[[nodiscard]] std::string uninstall_outbox_sql(const std::string& schema);

/// SQL that lists, for each query, the tables and columns it reads, as the server that runs it sees it:
/// `section`, `table`, `columns`. It changes nothing.
struct named_query {
  std::string name;
  std::string text;
};
[[nodiscard]] std::string tables_read_sql(const std::vector<named_query>& queries);

}  // namespace ctxcache
