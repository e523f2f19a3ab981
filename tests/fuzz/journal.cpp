// A journal as a crash or a bad disk left it. The first byte says whether the checksums are to be made right.
#include "coherence/journal_records.hpp"

#include <boost/crc.hpp>
#include <string>

#include "target.hpp"

namespace {

namespace coherence = ctxcache::coherence;
constexpr std::size_t record_bytes_min = 14;

void put_checksum(std::string& bytes, std::size_t begin, std::size_t size, std::size_t where) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> sum;
  sum.process_bytes(bytes.data() + begin, size);
  for (int i = 0; i < 4; ++i) bytes[where + i] = static_cast<char>(sum.checksum() >> (24 - 8 * i) & 0xFF);
}

/// Of the head, and of each record that is there.
void mend(std::string& file) {
  if (file.size() < coherence::journal_head_bytes) return;
  put_checksum(file, 0, 16, 16);
  for (std::size_t at = coherence::journal_head_bytes; at + record_bytes_min <= file.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(file[at + i]); };
    const std::size_t size = byte(4) << 8 | byte(5);
    if (size < record_bytes_min || at + size > file.size()) return;
    put_checksum(file, at + 4, size - 4, at);
    at += size;
  }
}

}  // namespace

void try_input(std::string_view bytes) {
  if (bytes.empty()) return;
  std::string file{bytes.substr(1)};
  if ((bytes[0] & 1) != 0) mend(file);
  const auto content = coherence::read_journal(file);
  if (!content) return;
  CTX_ASSERT(content->bytes <= file.size());
  auto again = coherence::encode_journal_head(0);
  for (const auto& one : content->queued) {
    const auto record = coherence::encode_journal_record(one);
    CTX_ASSERT(record.has_value());
    again += *record;
  }
  const auto same = coherence::read_journal(again);
  CTX_ASSERT(same && !same->damaged && same->queued.size() == content->queued.size());
}
