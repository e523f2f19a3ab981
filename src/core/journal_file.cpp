#include "core/journal_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/assert.hpp"
#include "base/disk.hpp"
#include "base/log.hpp"
#include "base/try.hpp"
#include "coherence/journal_records.hpp"

namespace ctxcache {
namespace {

std::string words_of(int error) {
  return std::generic_category().message(error);
}

}  // namespace

journal_file::~journal_file() {
  if (file_ >= 0) ::close(file_);
}

result<std::vector<log_record>> journal_file::open(std::string path, std::size_t bytes_max) {
  CTX_ASSERT(file_ < 0);
  path_ = std::move(path);
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file_ < 0) return refused(words_of(errno));
  auto queued = take_over(bytes_max);
  if (!queued) ::close(std::exchange(file_, -1));
  return queued;
}

result<std::vector<log_record>> journal_file::take_over(std::size_t bytes_max) {
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) return refused("another process has it open");
  CTX_TRY(const auto found, read_all(bytes_max));
  auto content = coherence::read_journal(found);
  if (!content) return refused("it is something else than a journal, or one of a newer version");
  if (content->damaged) {
    log::out().error("journal {} is damaged from byte {} of {} on: everything will be invalidated", path_,
                     content->bytes, found.size());
    if (const auto mended = mend(*content, bytes_max); !mended) return mended.error();
  } else if (content->bytes < found.size()) {
    log::out().warn("journal {}: an append of {} bytes was cut short; it is forgotten", path_,
                    found.size() - content->bytes);
    if (const auto cut = cut_behind(content->bytes); !cut) return cut.error();
  }
  bytes_ = content->bytes;
  published_ = content->published;
  queued_ = content->queued.size();
  if (queued_ == 0) {
    if (const auto begun = forget_all(); !begun) return begun.error();
  }
  if (const auto kept = sync_folder(); !kept) return kept.error();
  return std::move(content->queued);
}

// One record of everything takes the place of what is lost. It is there before the rest of the damage is cut
// off, in one write with the head where that counts records that are gone: until all is done, whoever opens
// the journal finds it damaged, or the record.
result<void> journal_file::mend(coherence::journal_content& content, std::size_t bytes_max) const {
  log_record lost{.what = scope::everything(), .reason = "journal damaged"};
  CTX_TRY(auto bytes, coherence::encode_journal_record(lost));
  if (content.queued.empty() || content.bytes + bytes.size() > bytes_max) {
    bytes.insert(0, coherence::encode_journal_head(0));
    content = {};
  }
  if (const auto written = write(bytes, content.bytes); !written) return written;
  if (const auto synced = sync(); !synced) return synced;
  content.queued.push_back(std::move(lost));
  content.bytes += bytes.size();
  return cut_behind(content.bytes);
}

result<void> journal_file::append(std::string_view records, std::size_t count) {
  auto kept = write(records, bytes_);
  if (kept) kept = sync();
  if (!kept) {
    (void)cut_behind(bytes_);  // the next write goes there anyway
    return kept;
  }
  bytes_ += records.size();
  queued_ += count;
  return {};
}

result<void> journal_file::drop_front(std::size_t count) {
  CTX_ASSERT(count <= queued_);
  if (count == 0) return {};
  if (count == queued_) return forget_all();
  if (const auto written = write_head(published_ + count); !written) return written;
  published_ += count;
  queued_ -= count;
  return {};
}

result<void> journal_file::forget_all() {
  if (const auto written = write_head(0); !written) return written;
  if (const auto synced = sync(); !synced) return synced;
  if (disk::ftruncate(file_, coherence::journal_head_bytes) != 0) return failed("cannot be cut");
  // From here on they are gone for us; until the cut is on disk, a crash brings them back.
  bytes_ = coherence::journal_head_bytes;
  published_ = 0;
  queued_ = 0;
  (void)sync();
  return {};
}

result<std::string> journal_file::read_all(std::size_t bytes_max) const {
  struct stat about {};
  if (::fstat(file_, &about) != 0) return failed("cannot be looked at");
  if (!S_ISREG(about.st_mode)) return refused("it is no regular file");
  std::string bytes;
  if (static_cast<std::size_t>(about.st_size) > bytes_max) return refused("it is larger than is allowed");
  bytes.resize(static_cast<std::size_t>(about.st_size));
  for (std::size_t done = 0; done < bytes.size();) {
    const auto got = ::pread(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot be read");
    if (got == 0) bytes.resize(done);  // somebody cut it meanwhile
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

result<void> journal_file::cut_behind(std::size_t bytes) const {
  if (disk::ftruncate(file_, static_cast<off_t>(bytes)) != 0) return failed("cannot be cut");
  return sync();
}

result<void> journal_file::write_head(std::uint64_t published) const {
  const auto head = coherence::encode_journal_head(published);
  return write(head, 0);
}

result<void> journal_file::write(std::string_view bytes, std::size_t where) const {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto put =
        disk::pwrite(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(where + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("cannot be written");
    done += static_cast<std::size_t>(put);
  }
  return {};
}

result<void> journal_file::sync() const {
  if (disk::fdatasync(file_) != 0) return failed("cannot be synced");
  return {};
}

// Always: an earlier start may have created the file and died before its name was on disk.
result<void> journal_file::sync_folder() const {
  const auto folder = std::filesystem::absolute(path_).parent_path();
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return failed("has a folder that cannot be opened");
  const bool synced = ::fsync(handle) == 0;
  const auto outcome = synced ? result<void>{} : failed("has a folder that cannot be synced");
  ::close(handle);
  return outcome;
}

error_code journal_file::refused(std::string_view why) const {
  log::out().error("journal {} cannot be used: {}", path_, why);
  return errc::invalid_config;
}

error_code journal_file::failed(std::string_view what) const {
  const int error = errno;
  log::out().error("journal {} {}: {}", path_, what, words_of(error));
  return error == ENOSPC || error == EDQUOT || error == EFBIG ? errc::overloaded : errc::internal;
}

}  // namespace ctxcache
