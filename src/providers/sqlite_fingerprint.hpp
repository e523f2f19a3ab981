#pragma once

#include <chrono>
#include <string>

namespace ctxcache::providers {

/// Tells the states of a SQLite file apart without asking SQLite, by its identity, size and times. Between
/// two looks that SQLite answered (so that no commit was under way), equal ones mean that nothing was
/// committed.
///
/// Empty when that cannot be said: the file cannot be seen; it was written within the last `settled`, and the
/// file system's clock may not have ticked before the next write; or its write-ahead log has commits, of
/// which the file's times do not tell. The file is not opened: closing it would end the process' locks on it
/// (sqlite.org/howtocorrupt.html, 2.2). Blocks.
[[nodiscard]] std::string sqlite_fingerprint(const std::string& path, std::chrono::milliseconds settled);

}  // namespace ctxcache::providers
