#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "ctxcache/provider.hpp"

namespace ctxcache::providers {

/// Writes the rows that a SQLite statement steps through as JSON of one shape.
class sqlite_rows {
 public:
  /// `from` has been stepped to its first row.
  sqlite_rows(sqlite3_stmt* from, section_shape shape);

  /// Adds the row that the statement stands on. False when a value has no place in JSON.
  [[nodiscard]] bool add();
  [[nodiscard]] std::size_t bytes() const { return json_.size(); }
  [[nodiscard]] std::string take();

 private:
  enum class column_kind { plain, boolean, json };
  struct column {
    std::string quoted_name;
    column_kind kind;
  };
  [[nodiscard]] static column_kind kind_of(const char* declared);
  [[nodiscard]] bool add_value(int index);
  [[nodiscard]] bool add_text(int index);
  void add_blob(int index);

  sqlite3_stmt* const from_;
  const section_shape shape_;
  std::vector<column> columns_;
  std::string json_;
};

}  // namespace ctxcache::providers
