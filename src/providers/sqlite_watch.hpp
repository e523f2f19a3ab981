#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "ctxcache/change_source.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache::providers {

struct sqlite_watch_options {
  std::string name;  ///< the provider's
  std::string path;
  std::chrono::milliseconds look_every{250};
  std::chrono::milliseconds settled{2'000};  ///< a file that nobody has written for so long is made a note of
};

/// Notices that a SQLite file has been written by anybody: by its `data_version`, which says that, and not
/// what. So each change is of type "ctxcache.database_changed" and is for all customers: for databases that
/// change now and then. Source "sqlite:NAME", no id; the document has type, source and everything: true.
///
/// What happened while nobody watched is not known, so there is one change at the start, and after each time
/// that the file could not be read: unless the file looks as it does in the note that the last watch of the
/// fleet left in `notes` when all that it had seen was confirmed. A file that takes the place of another (mv)
/// is not noticed, neither by the provider. Two commits between two looks are one change.
///
/// Errors: provider_unavailable and provider_failed; the file is opened again by the next call.
///
/// Throws boost::system::system_error (errc::invalid_config) for options that cannot work.
/// `notes` belongs to `home`, and is stopped after the watch.
[[nodiscard]] std::unique_ptr<change_source> make_sqlite_watch(boost::asio::any_io_executor home,
                                                               sqlite_watch_options options,
                                                               std::shared_ptr<shared_store> notes);

}  // namespace ctxcache::providers
