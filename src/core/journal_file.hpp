#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coherence/journal_records.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/log_message.hpp"

namespace ctxcache {

/// The journal on disk. Every call blocks; one thread at a time. Errors of all, besides those named:
/// errc::overloaded when the disk is full, errc::internal when it fails; logged with the system's words.
///
/// What stays true
/// - Everything in front of `bytes_` is on disk. What a failed write left behind it is written over by the
///   next, so no write is believed because an earlier fsync failed.
/// - Records are forgotten by one number in the head, or by a cut when all are published; that number is 0 on
///   disk before the cut, so it never counts records that came later. Before that it need not be on disk: who
///   crashes publishes some twice.
class journal_file {
 public:
  journal_file() = default;
  ~journal_file();
  journal_file(const journal_file&) = delete;
  journal_file& operator=(const journal_file&) = delete;

  /// Creates the file, or reads what is queued in it; cuts off a damaged end, and queues one record of
  /// everything for it if it may have held what is nowhere else. Locked while this object lives.
  /// errc::invalid_config when another has it open, when it is no journal, when it is over `bytes_max`, or
  /// when it cannot be opened.
  [[nodiscard]] result<std::vector<log_record>> open(std::string path, std::size_t bytes_max);
  /// Appends encoded records, durably. After an error none of them counts, though a crash may bring them
  /// back.
  [[nodiscard]] result<void> append(std::string_view records, std::size_t count);
  /// Forgets the oldest; a crash may bring them back. After an error none is forgotten.
  [[nodiscard]] result<void> drop_front(std::size_t count);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t queued() const { return queued_; }

 private:
  [[nodiscard]] result<std::vector<log_record>> take_over(std::size_t bytes_max);
  [[nodiscard]] result<std::string> read_all(std::size_t bytes_max) const;
  [[nodiscard]] result<void> mend(coherence::journal_content& content, std::size_t bytes_max) const;
  [[nodiscard]] result<void> cut_behind(std::size_t bytes) const;
  [[nodiscard]] result<void> write_head(std::uint64_t published) const;
  [[nodiscard]] result<void> write(std::string_view bytes, std::size_t where) const;
  [[nodiscard]] result<void> sync() const;
  [[nodiscard]] result<void> forget_all();
  [[nodiscard]] result<void> sync_folder() const;
  [[nodiscard]] error_code refused(std::string_view why) const;
  [[nodiscard]] error_code failed(std::string_view what) const;

  std::string path_;
  int file_ = -1;
  std::size_t bytes_ = 0;
  std::uint64_t published_ = 0;  // records in front of those that are queued
  std::size_t queued_ = 0;
};

}  // namespace ctxcache
