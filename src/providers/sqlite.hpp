#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "ctxcache/provider.hpp"

namespace ctxcache::providers {

struct sqlite_options {
  std::string name;                 ///< the provider's
  std::string path;                 ///< need not exist yet: until it does, the provider is unavailable
  std::size_t max_concurrency = 4;  ///< connections, and threads
  std::size_t max_waiting = 1024;
  std::size_t max_answer_bytes = std::size_t{4} << 20;
};

/// A SQLite file, read only. `$1` is the customer and `$2` the conversation, both bound as text.
///
/// Rows become JSON as PostgreSQL would write them: INTEGER and REAL are numbers, NULL is null, TEXT a
/// string; a column declared BOOLEAN is true or false, one declared JSON is embedded as it is
/// (errc::provider_failed when it is none), and a blob is a string of "\x" and hexadecimal digits. Only
/// columns of tables and views are declared: JSON made by an expression stays a string.
///
/// `home` is a serial executor that outlives the provider's work. Throws boost::system::system_error
/// (errc::invalid_config) for options that cannot work.
[[nodiscard]] std::shared_ptr<provider> make_sqlite(boost::asio::any_io_executor home,
                                                    sqlite_options options);

}  // namespace ctxcache::providers
