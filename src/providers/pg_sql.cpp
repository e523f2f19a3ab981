#include "providers/pg_sql.hpp"

#include <fmt/format.h>

namespace ctxcache::providers {

std::string_view statement_body(std::string_view query) {
  const auto last = query.find_last_not_of(" \t\r\n;");
  return query.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string json_statement(std::string_view query, section_shape shape) {
  query = statement_body(query);
  // The line breaks end a comment on the query's last line.
  switch (shape) {
    case section_shape::rows:
      return fmt::format("select coalesce(json_agg(row_to_json(ctx_row)), '[]')::text from (\n{}\n) ctx_row",
                         query);
    case section_shape::value:
      return fmt::format(
          "select coalesce(to_json(ctx_value), 'null')::text from (\n{}\n) ctx_row(ctx_value) limit 1",
          query);
    case section_shape::object:
      break;
  }
  return fmt::format("select row_to_json(ctx_row)::text from (\n{}\n) ctx_row limit 1", query);
}

bool mentions_parameter(std::string_view query, char number) {
  const std::string_view digits = "0123456789";
  for (auto at = query.find('$'); at != std::string_view::npos; at = query.find('$', at + 1)) {
    const auto rest = query.substr(at + 1);
    if (rest.starts_with(number) && (rest.size() == 1 || digits.find(rest[1]) == std::string_view::npos))
      return true;
  }
  return false;
}

}  // namespace ctxcache::providers
