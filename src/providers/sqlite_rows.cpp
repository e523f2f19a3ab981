#include "providers/sqlite_rows.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/predicate.hpp>
#include <cmath>
#include <iterator>
#include <string_view>

#include "providers/json.hpp"

namespace ctxcache::providers {

sqlite_rows::sqlite_rows(sqlite3_stmt* from, section_shape shape) : from_(from), shape_(shape) {
  for (int i = 0; i < sqlite3_column_count(from); ++i)
    columns_.push_back(
        {json_quoted(sqlite3_column_name(from, i)), kind_of(sqlite3_column_decltype(from, i))});
}

sqlite_rows::column_kind sqlite_rows::kind_of(const char* declared) {
  if (declared == nullptr) return column_kind::plain;
  const std::string_view type{declared};
  if (boost::iequals(type, "json") || boost::iequals(type, "jsonb")) return column_kind::json;
  if (boost::iequals(type, "boolean") || boost::iequals(type, "bool")) return column_kind::boolean;
  return column_kind::plain;
}

bool sqlite_rows::add() {
  if (shape_ == section_shape::value) return add_value(0);
  json_ += json_.empty() && shape_ == section_shape::rows ? "[{" : json_.empty() ? "{" : ",{";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i != 0) json_ += ',';
    json_ += columns_[i].quoted_name;
    json_ += ':';
    if (!add_value(static_cast<int>(i))) return false;
  }
  json_ += '}';
  return true;
}

std::string sqlite_rows::take() {
  if (shape_ == section_shape::rows) json_ += ']';
  return std::move(json_);
}

bool sqlite_rows::add_value(int index) {
  const auto kind = columns_[static_cast<std::size_t>(index)].kind;
  switch (sqlite3_column_type(from_, index)) {
    case SQLITE_INTEGER: {
      const auto number = sqlite3_column_int64(from_, index);
      if (kind == column_kind::boolean) {
        json_ += number != 0 ? "true" : "false";
      } else {
        fmt::format_to(std::back_inserter(json_), "{}", number);
      }
      return true;
    }
    case SQLITE_FLOAT: {
      const double number = sqlite3_column_double(from_, index);
      if (!std::isfinite(number)) return false;
      // Whole numbers without ".0", as PostgreSQL writes them.
      const auto text = fmt::format("{}", number);
      json_ += text.ends_with(".0") ? std::string_view{text}.substr(0, text.size() - 2) : text;
      return true;
    }
    case SQLITE_TEXT:
      return add_text(index);
    case SQLITE_BLOB:
      add_blob(index);
      return true;
    default:
      json_ += "null";
      return true;
  }
}

bool sqlite_rows::add_text(int index) {
  const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(from_, index));
  const std::string_view text{bytes, static_cast<std::size_t>(sqlite3_column_bytes(from_, index))};
  if (columns_[static_cast<std::size_t>(index)].kind != column_kind::json) {
    json_ += json_quoted(text);
    return true;
  }
  const auto embedded = checked_json(text);
  if (!embedded) return false;
  json_ += *embedded;
  return true;
}

void sqlite_rows::add_blob(int index) {
  const auto* const bytes = static_cast<const unsigned char*>(sqlite3_column_blob(from_, index));
  json_ += "\"\\\\x";
  for (int i = 0; i < sqlite3_column_bytes(from_, index); ++i)
    fmt::format_to(std::back_inserter(json_), "{:02x}", bytes[i]);
  json_ += '"';
}

}  // namespace ctxcache::providers
