#include "providers/sqlite_fingerprint.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "ctxcache/clock.hpp"

namespace ctxcache::providers {
namespace {

using std::chrono::nanoseconds;
using traits = struct stat;

std::optional<traits> traits_of(const std::string& path) {
  traits seen{};
  if (::stat(path.c_str(), &seen) != 0) return std::nullopt;
  return seen;
}

nanoseconds since_epoch(const timespec& at) {
  return std::chrono::seconds{at.tv_sec} + nanoseconds{at.tv_nsec};
}

}  // namespace

std::string sqlite_fingerprint(const std::string& path, std::chrono::milliseconds settled) {
  const auto file = traits_of(path);
  const auto log = traits_of(path + "-wal");
  if (!file || (log && log->st_size != 0)) return {};
  const auto modified = since_epoch(file->st_mtim);
  const auto changed = since_epoch(file->st_ctim);
  const nanoseconds now = machine_clock().wall().time_since_epoch();
  if (now - std::max(modified, changed) < settled) return {};
  return fmt::format("{}:{}:{}:{}:{}", file->st_dev, file->st_ino, file->st_size, modified.count(),
                     changed.count());
}

}  // namespace ctxcache::providers
