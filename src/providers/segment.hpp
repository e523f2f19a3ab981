#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "ctxcache/customer_list.hpp"
#include "ctxcache/provider.hpp"

namespace ctxcache::providers {

enum class sql_dialect { postgres, sqlite };

struct segment_options {
  std::string name;
  std::string query;  ///< its first column is the id; in SQLite it has no other. Without parameters
  std::chrono::milliseconds timeout{30'000};  ///< for one page
  std::size_t page_size = 1'000;              ///< rows; 5,000 at most
  sql_dialect dialect = sql_dialect::postgres;
};

/// The customers that a query of a SQL provider finds: text, or whole numbers as text. Rows that are null, or
/// cannot be ids (empty, over 128 bytes; in SQLite also REAL and BLOB), are passed over.
///
/// Read by keyset: each page is a query of its own for the ids behind the last one, in the order in which the
/// database compares them (its collation). So nothing is held between pages, and with an index on the id a
/// page costs the same however long the list is; without one, each page is as dear as the whole query. A
/// customer that comes or goes meanwhile may be in it or not. A database that takes two ids for equal lists
/// one of them.
///
/// Throws boost::system::system_error (errc::invalid_config) for options that cannot work.
[[nodiscard]] std::shared_ptr<customer_list> make_segment(std::shared_ptr<provider> asked,
                                                          const segment_options& options);

/// These customers, in their order, each once.
[[nodiscard]] std::shared_ptr<customer_list> list_of(std::vector<std::string> ids,
                                                     std::size_t page_size = 1'000);

}  // namespace ctxcache::providers
