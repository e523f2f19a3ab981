#include "model/entry_header.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <xxhash.h>
#include <zstd.h>

#include <memory>
#include <string>
#include <vector>

namespace ctxcache {
namespace {

using namespace std::chrono_literals;
using std::string;

constexpr time_point now{1'000h};

key where() {
  return key::make({"cust_1", "support", "conv_1"}).value();
}

std::unique_ptr<entry> value_of(string body) {
  auto out = std::make_unique<entry>();
  out->body = std::move(body);
  out->stamp = {.epoch = 0x0102030405060708, .sequence = 77};
  out->load_duration = 1234us;
  return out;
}

string encoded(string body) {
  return encode_value(where(), *value_of(std::move(body)), 300s).value();
}

bool is_refused(std::string_view bytes) {
  const auto got = decode_value(where(), bytes, 300s, now);
  return !got && got.error() == errc::corrupt_value;
}

/// A compressible body of many bytes.
string long_body() {
  string body;
  while (body.size() < 4 * compress_from_bytes) body += R"({"plan":"enterprise"},)";
  return body;
}

/// `bytes` with `patch` at `offset` and a checksum that is right again.
string forged(string bytes, std::size_t offset, std::string_view patch) {
  bytes.replace(offset, patch.size(), patch);
  const auto end = bytes.size() - 8;
  const auto sum = XXH3_64bits(bytes.data(), end);
  for (std::size_t i = 0; i < 8; ++i) bytes[end + i] = static_cast<char>(sum >> (56 - 8 * i));
  return bytes;
}

TEST(entry_header, begins_with_magic_version_and_stamp) {
  const auto bytes = encoded("{}");
  const string prefix("ctxval\0\1\1\2\3\4\5\6\7\x08\0\0\0\0\0\0\0\x4D", stamp_prefix_bytes);
  EXPECT_EQ(bytes.substr(0, stamp_prefix_bytes), prefix);
}

TEST(entry_header, gives_back_what_was_encoded) {
  auto value = value_of(R"({"a":1})");
  value->partial = true;
  value->own = true;
  const auto bytes = encode_value(where(), *value, 300s).value();
  const auto got = decode_value(where(), bytes, 240s, now).value();
  EXPECT_EQ(got->body, value->body);
  EXPECT_EQ(got->etag, etag_of(value->body));
  EXPECT_EQ(got->stamp, value->stamp);
  EXPECT_EQ(got->load_duration, 1234us);
  EXPECT_EQ(got->loaded_at, now - 60s);
  EXPECT_EQ(got->expires_at, now + 240s);
  EXPECT_TRUE(got->partial);
  EXPECT_FALSE(got->unknown);
  EXPECT_FALSE(got->own);
}

TEST(entry_header, tells_who_is_credited_with_a_hit) {
  auto value = value_of(R"({"a":1})");
  const auto plain = encode_value(where(), *value, 300s).value();
  EXPECT_EQ(decode_value(where(), plain, 240s, now).value()->credit, warm_mark{});
  value->credit = {.run = 0x01020304, .place = 5};
  const auto bytes = encode_value(where(), *value, 300s).value();
  EXPECT_EQ(bytes.size(), plain.size() + 8);
  EXPECT_EQ(decode_value(where(), bytes, 240s, now).value()->credit, value->credit);
  EXPECT_FALSE(decode_value(where(), bytes, 240s, now).value()->credited);
}

RC_GTEST_PROP(entry_header, gives_back_every_body, ()) {
  const auto piece = *rc::gen::arbitrary<string>();
  string body;
  for (auto times = *rc::gen::inRange(0, 100); times > 0; --times) body += piece;
  auto value = value_of(body);
  value->stamp = {.epoch = *rc::gen::arbitrary<std::uint64_t>(),
                  .sequence = *rc::gen::arbitrary<std::uint64_t>()};
  value->partial = *rc::gen::arbitrary<bool>();
  const auto bytes = encode_value(where(), *value, 1ms).value();
  const auto got = decode_value(where(), bytes, 1ms, now).value();
  RC_ASSERT(got->body == body);
  RC_ASSERT(got->stamp == value->stamp);
  RC_ASSERT(got->partial == value->partial);
}

RC_GTEST_PROP(entry_header, stamps_are_ordered_as_their_bytes_are, ()) {
  const auto number =
      rc::gen::oneOf(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange<std::uint64_t>(0, 300));
  const auto epoch = *number;
  auto one = value_of("{}");
  auto other = value_of("{}");
  one->stamp = {.epoch = epoch, .sequence = *number};
  other->stamp = {.epoch = epoch, .sequence = *number};
  const auto a = encode_value(where(), *one, 1s)->substr(0, stamp_prefix_bytes);
  const auto b = encode_value(where(), *other, 1s)->substr(0, stamp_prefix_bytes);
  RC_ASSERT((a < b) == (one->stamp.sequence < other->stamp.sequence));
}

TEST(entry_header, long_bodies_are_compressed_when_that_helps) {
  const auto body = long_body();
  EXPECT_LT(encoded(body).size(), body.size() / 2);
  EXPECT_EQ(decode_value(where(), encoded(body), 1s, now).value()->body, body);
  const string short_body(compress_from_bytes - 1, 'a');
  EXPECT_GT(encoded(short_body).size(), short_body.size());
  EXPECT_LT(encoded(short_body + "a").size(), compress_from_bytes);
  string noise;  // xorshift: what zstd cannot shrink
  for (std::uint64_t x = 88172645463325252; noise.size() < 2 * compress_from_bytes;
       noise += static_cast<char>(x)) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  EXPECT_NE(encoded(noise).find(noise), string::npos);
  EXPECT_EQ(decode_value(where(), encoded(noise), 1s, now).value()->body, noise);
}

TEST(entry_header, bodies_over_the_limit_are_too_large) {
  const string most(body_bytes_max, ' ');
  EXPECT_EQ(decode_value(where(), encoded(most), 1s, now).value()->body.size(), body_bytes_max);
  EXPECT_EQ(encode_value(where(), *value_of(most + " "), 1s).error(), errc::too_large);
}

TEST(entry_header, every_flipped_bit_is_refused) {
  for (const auto& bytes : {encoded("{}"), encoded(long_body())}) {
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      auto flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      ASSERT_TRUE(is_refused(flipped)) << bit;
    }
  }
}

// Copied into a string of its own length, so that reading beyond it is seen by ASan.
TEST(entry_header, every_truncated_or_extended_value_is_refused) {
  for (const auto& bytes : {encoded("{}"), encoded(long_body())}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_TRUE(is_refused({cut.data(), cut.size()})) << size;
    }
    EXPECT_TRUE(is_refused(bytes + '\0'));
    EXPECT_TRUE(is_refused(bytes + bytes));
    EXPECT_FALSE(is_refused(bytes));
  }
}

TEST(entry_header, value_of_another_key_is_refused) {
  for (const auto& other : {key::make({"cust_2", "support", "conv_1"}), key::make({"cust_1", "support"}),
                            key::make({"cust_1", "support", "conv_12"})}) {
    const auto bytes = encode_value(*other, *value_of("{}"), 300s).value();
    EXPECT_TRUE(is_refused(bytes));
    EXPECT_TRUE(decode_value(*other, bytes, 300s, now).has_value());
  }
}

RC_GTEST_PROP(entry_header, noise_is_refused, ()) {
  RC_ASSERT(is_refused(*rc::gen::arbitrary<string>()));
  RC_ASSERT(is_refused(encoded("{}").substr(0, 8) + *rc::gen::arbitrary<string>()));
}

TEST(entry_header, forged_fields_are_refused_in_spite_of_a_right_checksum) {
  const auto plain = encoded("{}");
  const auto packed = encoded(long_body());
  const string most(8, '\xFF');
  ASSERT_FALSE(is_refused(forged(plain, 0, "ctx")));
  EXPECT_TRUE(is_refused(forged(plain, 0, "CTX")));                // magic
  EXPECT_TRUE(is_refused(forged(plain, 7, "\2")));                 // version
  EXPECT_TRUE(is_refused(forged(plain, 24, "\2")));                // flags
  EXPECT_TRUE(is_refused(forged(plain, 25, "\1")));                // codec: zstd, but it is not
  EXPECT_TRUE(is_refused(forged(plain, 25, "\2")));                // codec: unknown
  EXPECT_TRUE(is_refused(forged(packed, 25, {"\0", 1})));          // codec: none, but it is packed
  EXPECT_TRUE(is_refused(forged(plain, 26, most.substr(0, 2))));   // bytes of the key
  EXPECT_TRUE(is_refused(forged(plain, 28, string(8, '\0'))));     // no life
  EXPECT_TRUE(is_refused(forged(plain, 28, most)));                // endless life
  EXPECT_TRUE(is_refused(forged(plain, 36, most)));                // endless load
  EXPECT_TRUE(is_refused(forged(plain, 44, {"\0\0\0\3", 4})));     // bytes of the body
  EXPECT_TRUE(is_refused(forged(packed, 44, most.substr(0, 4))));  // over the limit
  EXPECT_TRUE(is_refused(forged(packed, 44, {"\0\0\0\1", 4})));    // not what zstd says
  EXPECT_TRUE(is_refused(forged(plain, 48, most.substr(0, 4))));   // bytes stored
  EXPECT_TRUE(is_refused(forged(packed, packed.size() - 20, string(8, 'x'))));  // inside the zstd frame
}

// The frame says how much it will unpack to, and lies.
TEST(entry_header, bomb_is_refused) {
  const string body(compress_from_bytes, 'a');
  const auto honest = encoded(body);
  const auto frame = honest.find("\x28\xB5\x2F\xFD");
  ASSERT_NE(frame, string::npos);
  ASSERT_EQ(ZSTD_getFrameContentSize(honest.data() + frame, honest.size() - frame), body.size());
  // A frame of that size states it in two bytes, less 256, behind magic and descriptor.
  const auto lying = forged(honest, frame + 5, {"\xFF\x02", 2});
  ASSERT_EQ(ZSTD_getFrameContentSize(lying.data() + frame, lying.size() - frame), 1023U);
  EXPECT_TRUE(is_refused(forged(lying, 44, {"\0\0\x03\xFF", 4})));
}

TEST(entry_header, age_and_expiry_are_reckoned_from_what_remains) {
  const auto bytes = encoded("{}");  // lives 300 s
  const auto fresh = decode_value(where(), bytes, 300s, now).value();
  EXPECT_EQ(fresh->loaded_at, now);
  EXPECT_EQ(fresh->expires_at, now + 300s);
  const auto last = decode_value(where(), bytes, 1ms, now).value();
  EXPECT_EQ(last->loaded_at, now - 299'999ms);
  EXPECT_EQ(last->expires_at, now + 1ms);
  const auto prolonged = decode_value(where(), bytes, std::chrono::milliseconds::max(), now).value();
  EXPECT_EQ(prolonged->loaded_at, now);
  EXPECT_EQ(prolonged->expires_at, now + 300s);
  for (const auto nothing : {0ms, -1ms, -2ms, std::chrono::milliseconds::min()}) {
    EXPECT_EQ(decode_value(where(), bytes, nothing, now).error(), errc::corrupt_value);
  }
}

TEST(entry_header, holds_the_longest_life) {
  const auto bytes = encode_value(where(), *value_of("{}"), life_max).value();
  EXPECT_EQ(decode_value(where(), bytes, life_max, now).value()->expires_at, now + life_max);
}

TEST(entry_header_death, unknown_customer_is_never_encoded) {
  auto value = value_of("");
  value->unknown = true;
  EXPECT_DEATH((void)encode_value(where(), *value, 1s), "unknown");
  EXPECT_DEATH((void)encode_value(where(), *value_of("{}"), 0ms), "ttl");
}

TEST(etag, is_strong_quoted_and_that_of_the_bytes) {
  // The reference value of XXH3-128 over nothing.
  EXPECT_EQ(etag_of(""), "\"99aa06d3014798d86001c324468d497f\"");
  EXPECT_EQ(etag_of("a").size(), 34U);
  EXPECT_NE(etag_of("a"), etag_of("b"));
}

}  // namespace
}  // namespace ctxcache
