#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "ctxcache/provider.hpp"

namespace ctxcache::providers {

struct postgres_options {
  std::string name;                  ///< the provider's
  std::string url;                   ///< as libpq takes it: postgresql://user@host/database?sslmode=…
  std::size_t max_concurrency = 32;  ///< connections
  std::size_t max_waiting = 1024;
  std::chrono::milliseconds connect_timeout{2000};
  std::size_t max_answer_bytes = std::size_t{4} << 20;
};

/// A PostgreSQL database, read only. `$1` is the customer and `$2` the conversation (NULL without one): text
/// of which the server infers the type, as in `where customer_id = $1`. The server writes the JSON
/// (`row_to_json`).
///
/// Connections are made when they are needed, kept, and made again after the server was away. A statement is
/// prepared once on each and ended by the server shortly before its section's timeout. An id with a NUL byte
/// can be in no text of PostgreSQL, so there is nothing under it.
///
/// `home` is a serial executor that outlives the provider's work. Throws boost::system::system_error
/// (errc::invalid_config) for options that cannot work.
[[nodiscard]] std::shared_ptr<provider> make_postgres(boost::asio::any_io_executor home,
                                                      postgres_options options);

}  // namespace ctxcache::providers
