#include "core/journal.hpp"

#include <utility>

#include "coherence/journal_records.hpp"

namespace ctxcache {

boost::asio::awaitable<result<std::vector<log_record>>> journal::open() {
  if (options_.path.empty()) {
    std::vector<log_record> none;
    co_return none;
  }
  auto work = [this] { return read_back(); };
  co_return co_await pool_.run(std::move(work));
}

boost::asio::awaitable<result<void>> journal::append(log_record record) {
  if (stopped_) co_return errc::shutting_down;
  const auto encoded = coherence::encode_journal_record(record);
  if (!encoded) co_return encoded.error();
  const auto joined = join(*encoded);
  if (!joined) co_return joined.error();
  auto work = [this, mine = *joined] { return commit(*mine); };
  co_return co_await pool_.run(std::move(work));
}

boost::asio::awaitable<result<void>> journal::drop_front(std::size_t count) {
  if (stopped_) co_return errc::shutting_down;
  auto work = [this, count] { return forget(count); };
  co_return co_await pool_.run(std::move(work));
}

std::size_t journal::size() const {
  const std::lock_guard lock{mutex_};
  return queued_;
}

void journal::stop() {
  stopped_ = true;
  pool_.join();
}

result<std::shared_ptr<journal::batch>> journal::join(std::string_view encoded) {
  const std::lock_guard lock{mutex_};
  if (!opened_) return errc::l2_unavailable;
  if (file_bytes_ + batch_bytes_ + encoded.size() > options_.bytes_max) return errc::overloaded;
  if (!gathering_) gathering_ = std::make_shared<batch>();
  gathering_->bytes += encoded;
  ++gathering_->records;
  batch_bytes_ += encoded.size();
  return gathering_;
}

result<std::vector<log_record>> journal::read_back() {
  auto queued = file_.open(options_.path, options_.bytes_max);
  const std::lock_guard lock{mutex_};
  opened_ = queued.has_value();
  account();
  return queued;
}

// Each of a batch's callers comes here; the first writes it for all.
result<void> journal::commit(batch& mine) {
  if (mine.outcome) return *mine.outcome;
  {
    // A batch gathers until it is committed, so the one that gathers is this one.
    const std::lock_guard lock{mutex_};
    gathering_.reset();
  }
  mine.outcome = file_.append(mine.bytes, mine.records);
  const std::lock_guard lock{mutex_};
  batch_bytes_ -= mine.bytes.size();
  account();
  return *mine.outcome;
}

result<void> journal::forget(std::size_t count) {
  auto outcome = file_.drop_front(count);
  const std::lock_guard lock{mutex_};
  account();
  return outcome;
}

// With mutex_ locked.
void journal::account() {
  file_bytes_ = file_.bytes();
  queued_ = file_.queued();
}

}  // namespace ctxcache
