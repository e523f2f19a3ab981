#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "ctxcache/change_source.hpp"

namespace ctxcache::providers {

struct pg_outbox_options {
  std::string name;  ///< the provider's
  std::string url;   ///< as for the provider; not through a pooler that shares sessions
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds answer_timeout{5'000};  ///< of a statement
  std::chrono::milliseconds look_every{2'000};      ///< without being notified
};

/// The changes that triggers have written into the table `ctxcache_outbox` (model/outbox_sql) of a
/// PostgreSQL.
///
/// Rows are taken in the order of their numbers, at most 1,000 at a time, and deleted by `confirm`: those and
/// no others. Nothing is read by position, because a transaction with a lower number may commit after one
/// with a higher. A notification says that it is time to look.
///
/// A change is of type "ctxcache.row_changed", or "ctxcache.table_truncated", which is for all customers;
/// source "postgres:NAME"; id "outbox:NUMBER@SECONDS", so that numbers of a table made anew do not repeat
/// one. Its document has type, source, id, customer_id (or everything: true), table, op and n. Of several
/// changes of one customer in one table, a batch has the first.
///
/// `next` finishes a look that it has begun, so it may take `answer_timeout` longer than `until`. Errors:
/// provider_*; they are logged, at most one in ten seconds. provider_failed when there is no such table.
///
/// Throws boost::system::system_error (errc::invalid_config) for a URL that cannot work.
[[nodiscard]] std::unique_ptr<change_source> make_pg_outbox(boost::asio::any_io_executor home,
                                                            pg_outbox_options options);

}  // namespace ctxcache::providers
