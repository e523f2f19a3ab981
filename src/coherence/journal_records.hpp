#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/error.hpp"
#include "ctxcache/log_message.hpp"

namespace ctxcache::coherence {

/// The bytes of the journal (rule 11): invalidations that wait for the log to be reachable. A head, then
/// records, oldest first; numbers big endian; checksums are CRC-32C.
///
///     head      8 magic and version · 8 how many of the first records are published · 4 checksum of these
///     record    4 checksum of what follows · 2 bytes of the record · 1 version · 1 kind of the scope
///               · 1 flags (1: fence) · 1 bytes of the member · 2 of the text · 2 of the reason
///               · the scope's text · the reason · the member
///
/// What stays true of a file that a crash cut, or of which any bits flipped
/// - The records up to the first that is damaged are read, each as it was written.
/// - Where more is missing than the end of the last append, that is told: then nothing is forgotten in
/// silence.
/// - A damaged head makes records be published again; it never makes one be forgotten.
inline constexpr std::size_t journal_head_bytes = 20;
inline constexpr std::size_t journal_reason_bytes_max = 1024;
inline constexpr std::size_t journal_member_bytes_max = 255;

[[nodiscard]] std::string encode_journal_head(std::uint64_t published);
/// errc::too_large when the reason or the member is over its limit.
[[nodiscard]] result<std::string> encode_journal_record(const log_record& record);

struct journal_content {
  std::vector<log_record> queued{};  ///< not published yet, oldest first
  std::uint64_t published = 0;       ///< records before those; never more than there are
  std::size_t bytes = 0;             ///< of the file up to the first damage; 0: it has no head yet
  bool damaged = false;  ///< records are lost: not only an append that a crash cut, which nobody relied upon
};
/// A whole record of another version, or of which the sense is unknown, is read as one of everything: what it
/// forbids is forbidden too. errc::invalid_config when the file is no journal of this version.
[[nodiscard]] result<journal_content> read_journal(std::string_view file);

}  // namespace ctxcache::coherence
