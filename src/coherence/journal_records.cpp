#include "coherence/journal_records.hpp"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>
#include <optional>

#include "base/assert.hpp"

namespace ctxcache::coherence {
namespace {

using boost::endian::load_big_u16;
using boost::endian::load_big_u32;
using boost::endian::load_big_u64;
using boost::endian::store_big_u16;
using boost::endian::store_big_u32;
using boost::endian::store_big_u64;

constexpr std::string_view magic{"ctxjrn\0\1", 8};  // the last two bytes are the version
constexpr std::size_t head_checked_bytes = 16;
constexpr unsigned char record_version = 1;
constexpr unsigned char flag_fence = 1;

namespace offset {
constexpr std::size_t checksum = 0;
constexpr std::size_t record_bytes = 4;
constexpr std::size_t version = 6;
constexpr std::size_t kind = 7;
constexpr std::size_t flags = 8;
constexpr std::size_t member_bytes = 9;
constexpr std::size_t text_bytes = 10;
constexpr std::size_t reason_bytes = 12;
constexpr std::size_t texts = 14;
}  // namespace offset

static_assert(offset::texts + key_bytes_max + journal_reason_bytes_max + journal_member_bytes_max <= 0xFFFF);
static_assert(pattern_bytes_max <= key_bytes_max);

std::uint32_t crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> sum;
  sum.process_bytes(bytes.data(), bytes.size());
  return sum.checksum();
}

unsigned char* at(std::string& bytes, std::size_t where) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + where;
}

const unsigned char* at(std::string_view bytes, std::size_t where) {
  return reinterpret_cast<const unsigned char*>(bytes.data()) + where;
}

/// The record that `rest` begins with; nullopt when it is cut or damaged.
std::optional<std::string_view> first_record(std::string_view rest) {
  if (rest.size() < offset::texts) return std::nullopt;
  const std::size_t bytes = load_big_u16(at(rest, offset::record_bytes));
  if (bytes < offset::texts || bytes > rest.size()) return std::nullopt;
  const auto record = rest.substr(0, bytes);
  const auto checked = record.substr(offset::record_bytes);
  if (crc32c(checked) != load_big_u32(at(record, offset::checksum))) return std::nullopt;
  return record;
}

/// What the head of a record, which begins `rest`, says of its size; 0 when it contradicts itself.
std::size_t announced_bytes(std::string_view rest) {
  const std::size_t bytes = load_big_u16(at(rest, offset::record_bytes));
  const std::size_t parts = offset::texts + load_big_u16(at(rest, offset::text_bytes)) +
                            load_big_u16(at(rest, offset::reason_bytes)) + *at(rest, offset::member_bytes);
  return bytes == parts ? bytes : 0;
}

/// Whether a crash while a record was appended leaves this, and nothing else is missing: it is a record up to
/// some byte. Nobody was told that it is durable.
bool is_cut_append(std::string_view rest) {
  return rest.size() < offset::texts || rest.size() < announced_bytes(rest);
}

/// nullopt when the sense of a whole record is unknown.
std::optional<log_record> decoded(std::string_view record) {
  const auto kind = *at(record, offset::kind);
  const auto flags = *at(record, offset::flags);
  const std::size_t text_bytes = load_big_u16(at(record, offset::text_bytes));
  const std::size_t reason_bytes = load_big_u16(at(record, offset::reason_bytes));
  const std::size_t member_bytes = *at(record, offset::member_bytes);
  if (*at(record, offset::version) != record_version || (flags & ~flag_fence) != 0 ||
      kind > static_cast<unsigned char>(scope_kind::all) || reason_bytes > journal_reason_bytes_max ||
      record.size() != offset::texts + text_bytes + reason_bytes + member_bytes) {
    return std::nullopt;
  }
  const auto what = scope::restore(static_cast<scope_kind>(kind), record.substr(offset::texts, text_bytes));
  if (!what) return std::nullopt;
  return log_record{.what = *what,
                    .reason = std::string{record.substr(offset::texts + text_bytes, reason_bytes)},
                    .member = std::string{record.substr(record.size() - member_bytes)},
                    .fence = (flags & flag_fence) != 0};
}

log_record unreadable() {
  return {.what = scope::everything(), .reason = "a record of the journal cannot be read"};
}

std::uint64_t published_of(std::string_view head) {
  const auto checked = head.substr(0, head_checked_bytes);
  if (crc32c(checked) != load_big_u32(at(head, head_checked_bytes))) return 0;
  return load_big_u64(at(head, magic.size()));
}

/// Whether a crash while the first head was written leaves this. Then nothing was queued yet.
bool unfinished(std::string_view file) {
  const auto head = encode_journal_head(0);
  return file.size() <= head.size() && std::equal(file.begin(), file.end(), head.begin(),
                                                  [](char is, char was) { return is == was || is == 0; });
}

}  // namespace

std::string encode_journal_head(std::uint64_t published) {
  std::string head{magic};
  head.resize(journal_head_bytes);
  store_big_u64(at(head, magic.size()), published);
  store_big_u32(at(head, head_checked_bytes), crc32c(std::string_view{head}.substr(0, head_checked_bytes)));
  return head;
}

result<std::string> encode_journal_record(const log_record& record) {
  const auto& text = record.what.text();
  CTX_ASSERT(text.size() <= key_bytes_max);
  if (record.reason.size() > journal_reason_bytes_max || record.member.size() > journal_member_bytes_max) {
    return errc::too_large;
  }
  std::string out(offset::texts, '\0');
  out.append(text).append(record.reason).append(record.member);
  store_big_u16(at(out, offset::record_bytes), static_cast<std::uint16_t>(out.size()));
  *at(out, offset::version) = record_version;
  *at(out, offset::kind) = static_cast<unsigned char>(record.what.kind());
  *at(out, offset::flags) = record.fence ? flag_fence : 0;
  *at(out, offset::member_bytes) = static_cast<unsigned char>(record.member.size());
  store_big_u16(at(out, offset::text_bytes), static_cast<std::uint16_t>(text.size()));
  store_big_u16(at(out, offset::reason_bytes), static_cast<std::uint16_t>(record.reason.size()));
  store_big_u32(at(out, offset::checksum), crc32c(std::string_view{out}.substr(offset::record_bytes)));
  return out;
}

result<journal_content> read_journal(std::string_view file) {
  journal_content content;
  if (file.size() < journal_head_bytes || !file.starts_with(magic)) {
    if (!unfinished(file)) return errc::invalid_config;
    return content;
  }
  const auto published = published_of(file);
  content.bytes = journal_head_bytes;
  while (const auto record = first_record(file.substr(content.bytes))) {
    content.bytes += record->size();
    if (content.published < published) {
      ++content.published;
    } else {
      auto said = decoded(*record);
      content.queued.push_back(said ? std::move(*said) : unreadable());
    }
  }
  content.damaged = content.published < published || !is_cut_append(file.substr(content.bytes));
  return content;
}

}  // namespace ctxcache::coherence
