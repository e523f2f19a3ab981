#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/blocking_pool.hpp"
#include "core/journal_file.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/log_message.hpp"

namespace ctxcache {

/// The invalidations that wait on disk until the log can be reached (rule 11). Belongs to one executor; the
/// disk's work is done on a thread of its own, and what is appended meanwhile shares one fsync. What was
/// begun is done: it cannot be cancelled.
///
/// A crash may bring back what was dropped, or refused with an error; it never loses what was appended.
/// Errors of all, besides those named: errc::overloaded when the disk is full, errc::internal when it fails.
class journal {
 public:
  struct options {
    std::string path{};  ///< empty: there is no journal
    std::size_t bytes_max = std::size_t{16} << 20;
  };

  explicit journal(options how) : options_(std::move(how)) {}
  ~journal() { stop(); }
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  /// Before all else, once: what an earlier process left queued, oldest first. A damaged end of the file is
  /// cut off and logged; if it may have held what is nowhere else, a record of everything is queued in its
  /// place. errc::invalid_config when another process has it, when it is no journal or over
  /// `bytes_max`, or when it cannot be opened: see the log.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<log_record>>> open();

  /// On disk when it returns. errc::overloaded when the journal is full: what is dropped makes room once all
  /// is. errc::too_large for a reason over 1,024 or a member over 255 bytes; errc::l2_unavailable when there
  /// is no journal; errc::shutting_down after `stop`.
  [[nodiscard]] boost::asio::awaitable<result<void>> append(log_record record);

  /// Forgets the oldest `count`, which are published. Waits for the disk only when they are the last. After
  /// an error none is forgotten.
  [[nodiscard]] boost::asio::awaitable<result<void>> drop_front(std::size_t count);

  /// How many are queued on disk. Safe to call from every thread.
  [[nodiscard]] std::size_t size() const;

  /// Waits for the disk's work that is under way.
  void stop();

 private:
  // Records that one fsync makes durable. Its bytes are guarded by mutex_ while it gathers; the outcome
  // belongs to the pool's thread.
  struct batch {
    std::string bytes;
    std::size_t records = 0;
    std::optional<result<void>> outcome;
  };

  // On the caller's executor.
  [[nodiscard]] result<std::shared_ptr<batch>> join(std::string_view encoded);
  // On the pool's thread.
  [[nodiscard]] result<std::vector<log_record>> read_back();
  [[nodiscard]] result<void> commit(batch& mine);
  [[nodiscard]] result<void> forget(std::size_t count);
  void account();

  const options options_;
  bool stopped_ = false;
  journal_file file_;  // The pool's thread only.

  mutable std::mutex mutex_;
  std::shared_ptr<batch> gathering_;  // Guarded by mutex_, as all below.
  bool opened_ = false;
  std::size_t file_bytes_ = 0;
  std::size_t batch_bytes_ = 0;  // of all batches that are not in the file yet
  std::size_t queued_ = 0;

  blocking_pool pool_{1};  // Last: it ends before what its thread uses.
};

}  // namespace ctxcache
