#include "coherence/journal_records.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

namespace ctxcache {

// Found by argument-dependent look-up, as gtest and rapidcheck need them.
static auto parts(const log_record& one) {
  return std::tuple{one.what.kind(), one.what.text(), one.reason, one.member, one.fence};
}
static bool operator==(const log_record& a, const log_record& b) {
  return parts(a) == parts(b);
}
static void showValue(const log_record& one, std::ostream& out) {
  rc::show(std::tuple{std::string{name(one.what.kind())}, one.what.text(), one.reason, one.member, one.fence},
           out);
}

namespace coherence {
namespace {

using std::string;
using records = std::vector<log_record>;

rc::Gen<string> id() {
  return rc::gen::element<string>("a", "cust_1", "a:b", "*", "\xC3\xA9", string(id_bytes_max, '/'));
}

rc::Gen<scope> any_scope() {
  return rc::gen::exec([] {
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        return scope::of(*id(), *id(), *id()).value();
      case 1:
        return scope::of(*id(), *id(), std::nullopt).value();
      case 2:
        return scope::of(*id(), std::nullopt, std::nullopt).value();
      case 3:
        return scope::exactly(key::make({*id(), *id()}).value());
      case 4:
        return scope::matching(*rc::gen::element<string>("*", "context:[a-z]*", string(256, '?'))).value();
      default:
        return scope::everything();
    }
  });
}

rc::Gen<string> text_up_to(std::size_t bytes_max) {
  return rc::gen::map(rc::gen::arbitrary<string>(), [bytes_max](string text) {
    if (!text.empty()) text += string(bytes_max, text.front());  // long ones too
    text.resize(std::min(text.size(), bytes_max));
    return text;
  });
}

rc::Gen<records> any_records() {
  const auto one = rc::gen::exec([] {
    return log_record{.what = *any_scope(),
                      .reason = *text_up_to(journal_reason_bytes_max),
                      .member = *text_up_to(journal_member_bytes_max),
                      .fence = *rc::gen::arbitrary<bool>()};
  });
  return rc::gen::container<records>(one);
}

/// Where each record of a file ends, the head first.
struct journal_bytes {
  string bytes;
  std::vector<std::size_t> ends;

  /// How many records lie whole in front of `offset`.
  [[nodiscard]] std::size_t whole_before(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), offset) - ends.begin()) - 1;
  }
};

journal_bytes file_of(const records& all, std::uint64_t published = 0) {
  journal_bytes file{encode_journal_head(published), {journal_head_bytes}};
  for (const auto& one : all) {
    file.bytes += encode_journal_record(one).value();
    file.ends.push_back(file.bytes.size());
  }
  return file;
}

/// Three of different kinds.
records three() {
  return {{.what = scope::of("cust_1", "support", "conv_1").value(), .reason = "plan", .member = "m1"},
          {.what = scope::matching("context:*:support").value(), .reason = "", .member = "m1", .fence = true},
          {.what = scope::everything(), .reason = "why", .member = ""}};
}

records part(const records& all, std::size_t begin, std::size_t end) {
  if (begin >= end) return {};
  return {all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end)};
}

/// A record with `patch` at `offset` and a checksum that is right again.
string forged(std::size_t offset, std::string_view patch) {
  auto bytes = encode_journal_record(three().front()).value();
  bytes.replace(offset, patch.size(), patch);
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> sum;
  sum.process_bytes(bytes.data() + 4, bytes.size() - 4);
  boost::endian::store_big_u32(reinterpret_cast<unsigned char*>(bytes.data()), sum.checksum());
  return bytes;
}

RC_GTEST_PROP(journal_records, give_back_what_was_encoded, ()) {
  const auto all = *any_records();
  const auto published = *rc::gen::inRange<std::size_t>(0, all.size() + 1);
  const auto file = file_of(all, published);
  const auto got = read_journal(file.bytes).value();
  RC_ASSERT(got.queued == part(all, published, all.size()));
  RC_ASSERT(got.published == published);
  RC_ASSERT(!got.damaged);
  RC_ASSERT(got.bytes == file.bytes.size());
}

RC_GTEST_PROP(journal_records, noise_behind_the_last_is_cut_off, ()) {
  const auto file = file_of(three());
  const auto got = read_journal(file.bytes + *rc::gen::arbitrary<string>()).value();
  RC_ASSERT(got.queued == three());
  RC_ASSERT(got.bytes == file.bytes.size());
}

RC_GTEST_PROP(journal_records, noise_is_no_journal, ()) {
  const auto noise = *rc::gen::nonEmpty(rc::gen::container<string>(rc::gen::inRange('d', '~')));
  RC_ASSERT(read_journal(noise).error() == errc::invalid_config);
}

// Copied into a buffer of its own length, so that reading beyond it is seen by ASan.
TEST(journal_records, every_truncation_keeps_the_whole_records) {
  for (const std::uint64_t published : {0, 1, 3}) {
    const auto file = file_of(three(), published);
    for (std::size_t size = journal_head_bytes; size <= file.bytes.size(); ++size) {
      const std::vector<char> cut(file.bytes.begin(), file.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      const auto got = read_journal({cut.data(), cut.size()}).value();
      const auto whole = file.whole_before(size);
      ASSERT_EQ(got.queued, part(three(), published, whole)) << size;
      ASSERT_EQ(got.published, std::min<std::size_t>(published, whole)) << size;
      ASSERT_EQ(got.bytes, file.ends[whole]) << size;
      ASSERT_EQ(got.damaged, whole < published) << size;  // what is published was durable
    }
  }
}

TEST(journal_records, every_flipped_bit_keeps_the_records_before_it) {
  for (const std::uint64_t published : {0, 1}) {
    const auto file = file_of(three(), published);
    for (std::size_t bit = 0; bit < 8 * file.bytes.size(); ++bit) {
      auto flipped = file.bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      const auto got = read_journal(flipped);
      if (bit < 8 * 8) {
        ASSERT_EQ(got.error(), errc::invalid_config) << bit;
      } else if (bit < 8 * journal_head_bytes) {
        ASSERT_EQ(got.value().queued, three()) << bit;  // published twice rather than never
        ASSERT_FALSE(got.value().damaged) << bit;
      } else {
        ASSERT_EQ(got.value().queued, part(three(), published, file.whole_before(bit / 8))) << bit;
        ASSERT_TRUE(got.value().damaged) << bit;
      }
    }
  }
}

TEST(journal_records, unfinished_head_is_an_empty_journal) {
  const auto head = encode_journal_head(0);
  for (std::size_t size = 0; size <= head.size(); ++size) {
    for (const auto& file : {head.substr(0, size), string(size, '\0')}) {
      const auto got = read_journal(file);
      ASSERT_TRUE(got.has_value()) << size;
      EXPECT_TRUE(got->queued.empty());
      EXPECT_EQ(got->bytes, file == head ? journal_head_bytes : 0);
    }
  }
}

TEST(journal_records, other_files_are_refused) {
  for (const auto& file :
       {string{"#"}, string{"[server]\nlisten = 8080\n"}, string(journal_head_bytes + 1, '\0'),
        "x" + file_of(three()).bytes, file_of(three()).bytes.substr(8)}) {
    EXPECT_EQ(read_journal(file).error(), errc::invalid_config) << file;
  }
  auto newer = file_of(three()).bytes;
  newer[7] = 2;
  EXPECT_EQ(read_journal(newer).error(), errc::invalid_config);
}

TEST(journal_records, more_published_than_there_are_is_damage) {
  const auto got = read_journal(file_of(three(), ~std::uint64_t{0}).bytes).value();
  EXPECT_TRUE(got.queued.empty());
  EXPECT_EQ(got.published, 3U);
  EXPECT_TRUE(got.damaged);
}

TEST(journal_records, zeros_are_no_record) {
  const auto file = file_of(three());
  for (const std::size_t zeros : {1, 13, 14, 4096}) {
    const auto got = read_journal(file.bytes + string(zeros, '\0')).value();
    EXPECT_EQ(got.queued, three());
    EXPECT_EQ(got.bytes, file.bytes.size());
    EXPECT_EQ(got.damaged, zeros >= 14) << zeros;  // there may have been a record
  }
}

TEST(journal_records, hostile_lengths_end_the_file_in_spite_of_a_right_checksum) {
  const auto size = static_cast<unsigned char>(forged(0, "").size());
  const string one_more{'\0', static_cast<char>(size + 1)};
  for (const auto& length : {string(2, '\0'), string{'\0', 13}, one_more, string(2, '\xFF')}) {
    const auto got = read_journal(encode_journal_head(0) + forged(4, length)).value();
    EXPECT_TRUE(got.queued.empty());
    EXPECT_EQ(got.bytes, journal_head_bytes);
    EXPECT_TRUE(got.damaged);
  }
}

TEST(journal_records, whole_record_without_sense_counts_as_everything) {
  const string most(2, '\xFF');
  ASSERT_EQ(read_journal(encode_journal_head(0) + forged(0, "")).value().queued, part(three(), 0, 1));
  for (const auto& record : {
           forged(6, "\2"),          // a version to come
           forged(7, "\x05"),        // an unknown kind
           forged(7, "\4"),          // all, but with a text
           forged(8, "\2"),          // an unknown flag
           forged(9, "\xFF"),        // a member that is not there
           forged(10, most),         // a text that is not there
           forged(12, most),         // a reason that is not there
           forged(14, "CONTEXT:"),   // no key
           forged(14, "context::"),  // an empty customer
       }) {
    const auto file = encode_journal_head(0) + record + encode_journal_record(three()[1]).value();
    const auto got = read_journal(file).value();
    ASSERT_EQ(got.queued.size(), 2U);
    EXPECT_EQ(got.queued.front().what.kind(), scope_kind::all);
    EXPECT_FALSE(got.queued.front().reason.empty());
    EXPECT_EQ(got.queued.back(), three()[1]);
    EXPECT_EQ(got.bytes, file.size());
  }
}

TEST(journal_records, reason_and_member_are_limited) {
  log_record longest = three().front();
  longest.reason = string(journal_reason_bytes_max, 'r');
  longest.member = string(journal_member_bytes_max, 'm');
  EXPECT_EQ(read_journal(file_of({longest}).bytes).value().queued.front(), longest);
  auto over = longest;
  over.reason += 'r';
  EXPECT_EQ(encode_journal_record(over).error(), errc::too_large);
  over = longest;
  over.member += 'm';
  EXPECT_EQ(encode_journal_record(over).error(), errc::too_large);
}

}  // namespace
}  // namespace coherence
}  // namespace ctxcache
