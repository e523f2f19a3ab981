#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "ctxcache/clock.hpp"
#include "ctxcache/provider.hpp"
#include "providers/health_record.hpp"
#include "providers/query_ids.hpp"

namespace ctxcache::providers {

/// One read-only connection to a SQLite file, used by one thread at a time. It opens the file when it is
/// asked and keeps the statements that it has prepared.
class sqlite_connection {
 public:
  sqlite_connection(std::string path, std::size_t max_answer_bytes)
      : path_(std::move(path)), max_answer_bytes_(max_answer_bytes) {}
  sqlite_connection(const sqlite_connection&) = delete;
  sqlite_connection& operator=(const sqlite_connection&) = delete;

  /// Blocks until `until` at the longest: a locked file is tried again, a running query is interrupted.
  [[nodiscard]] outcome ask(const section_query& query, const query_ids& ids, time_point until);
  void close();

 private:
  template <auto Free>
  struct freed_by {
    template <class T>
    void operator()(T* one) const {
      Free(one);
    }
  };
  using database = std::unique_ptr<sqlite3, freed_by<sqlite3_close_v2>>;
  using statement = std::unique_ptr<sqlite3_stmt, freed_by<sqlite3_finalize>>;
  using running_statement = std::unique_ptr<sqlite3_stmt, freed_by<sqlite3_reset>>;

  [[nodiscard]] int open();
  [[nodiscard]] result<sqlite3_stmt*> prepared(const std::string& text);
  [[nodiscard]] bool bind(sqlite3_stmt* to, const query_ids& ids);
  [[nodiscard]] outcome rows(sqlite3_stmt* from, section_shape shape);
  [[nodiscard]] outcome failure(int code);

  const std::string path_;
  const std::size_t max_answer_bytes_;
  time_point until_;
  database open_;
  std::unordered_map<std::string, statement> prepared_;  // by text: two sections may not share a name's plan
};

}  // namespace ctxcache::providers
