#include "redis/resp.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctxcache::redis {
namespace {

using kind = reply::kind;

bool same(const reply& a, const reply& b) {
  if (a.is != b.is || a.integer != b.integer || a.text != b.text) return false;
  return std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(), same);
}

std::string written(const reply& what) {
  switch (what.is) {
    case kind::nil:
      return "$-1\r\n";
    case kind::integer:
      return ":" + std::to_string(what.integer) + "\r\n";
    case kind::status:
      return "+" + what.text + "\r\n";
    case kind::error:
      return "-" + what.text + "\r\n";
    case kind::bulk:
      return "$" + std::to_string(what.text.size()) + "\r\n" + what.text + "\r\n";
    case kind::array:
      break;
  }
  std::string all = "*" + std::to_string(what.elements.size()) + "\r\n";
  for (const auto& one : what.elements) all += written(one);
  return all;
}

reply any_reply(int depth) {
  reply made;
  made.is = static_cast<kind>(*rc::gen::inRange(0, depth == 0 ? 5 : 6));
  if (made.is == kind::integer) made.integer = *rc::gen::arbitrary<std::int64_t>();
  if (made.is == kind::status || made.is == kind::error) {
    made.text = *rc::gen::container<std::string>(rc::gen::inRange('a', 'z'));
  }
  if (made.is == kind::bulk) made.text = *rc::gen::arbitrary<std::string>();
  const auto size = made.is == kind::array ? *rc::gen::inRange(0, 5) : 0;
  for (int i = 0; i < size; ++i) made.elements.push_back(any_reply(depth - 1));
  return made;
}

std::string nested(int depth) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) bytes += "*1\r\n";
  return bytes + ":1\r\n";
}

bool refused(std::string_view bytes) {
  reply_parser parser;
  return !parser.feed(bytes);
}

TEST(batch, writes_commands_as_arrays_of_bulk_strings) {
  batch two;
  two.add({"GET", "k"});
  two.add({"SET", "k", std::string_view{"a\r\n\0b", 5}, ""});
  EXPECT_EQ(two.size(), 2u);
  using namespace std::string_literals;
  EXPECT_EQ(two.bytes(),
            "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
            "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n"s);
}

TEST(reply_parser, reads_every_kind) {
  reply_parser parser;
  const auto read =
      parser.feed("+OK\r\n-ERR no\r\n:-42\r\n$2\r\nhi\r\n$-1\r\n*-1\r\n$0\r\n\r\n*2\r\n:1\r\n*0\r\n");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 8u);
  EXPECT_TRUE(same((*read)[0], {.is = kind::status, .text = "OK"}));
  EXPECT_TRUE(same((*read)[1], {.is = kind::error, .text = "ERR no"}));
  EXPECT_TRUE(same((*read)[2], {.is = kind::integer, .integer = -42}));
  EXPECT_TRUE(same((*read)[3], {.is = kind::bulk, .text = "hi"}));
  EXPECT_TRUE(same((*read)[4], {.is = kind::nil}));
  EXPECT_TRUE(same((*read)[5], {.is = kind::nil}));
  EXPECT_TRUE(same((*read)[6], {.is = kind::bulk}));
  ASSERT_EQ((*read)[7].elements.size(), 2u);
  EXPECT_EQ((*read)[7].elements[0].integer, 1);
  EXPECT_EQ((*read)[7].elements[1].is, kind::array);
}

RC_GTEST_PROP(reply_parser, reads_what_was_written_however_it_is_cut, ()) {
  const auto count = *rc::gen::inRange(1, 6);
  std::vector<reply> sent;
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    sent.push_back(any_reply(4));
    bytes += written(sent.back());
  }
  reply_parser parser;
  std::vector<reply> read;
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto piece = rest.substr(0, *rc::gen::inRange<std::size_t>(1, 40));
    rest.remove_prefix(piece.size());
    auto some = parser.feed(piece);
    RC_ASSERT(some.has_value());
    for (auto& one : *some) read.push_back(std::move(one));
  }
  RC_ASSERT(std::equal(sent.begin(), sent.end(), read.begin(), read.end(), same));
}

TEST(reply_parser, gives_a_reply_with_its_last_byte_and_not_before) {
  const std::string bytes = "*2\r\n$3\r\nabc\r\n:7\r\n";
  reply_parser parser;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    const auto none = parser.feed({&bytes[i], 1});
    ASSERT_TRUE(none);
    ASSERT_TRUE(none->empty()) << i;
  }
  const auto one = parser.feed({&bytes.back(), 1});
  ASSERT_TRUE(one);
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ((*one)[0].elements[0].text, "abc");
}

TEST(reply_parser, reads_integers_of_64_bits) {
  reply_parser parser;
  const auto read = parser.feed(":9223372036854775807\r\n:-9223372036854775808\r\n");
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)[0].integer, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ((*read)[1].integer, std::numeric_limits<std::int64_t>::min());
}

TEST(reply_parser, reads_a_reply_up_to_the_limit_and_none_over_it) {
  const std::string head = "$33554416\r\n";  // with head and tail a little under and over 32 MiB
  ASSERT_LT(head.size() + 33554416 + 2, reply_bytes_max + 1);
  reply_parser parser;
  const auto read = parser.feed(head + std::string(33554416, 'x') + "\r\n");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ((*read)[0].text.size(), 33554416u);
  EXPECT_TRUE(refused("$33554430\r\n" + std::string(33554430, 'x') + "\r\n"));
}

TEST(reply_parser, counts_the_limit_for_each_reply_anew) {
  reply_parser parser;
  const auto large = "$20000000\r\n" + std::string(20'000'000, 'x') + "\r\n";
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(parser.feed(large));
}

TEST(reply_parser, bounds_the_elements_of_a_reply_at_all_depths) {
  const auto array = [](std::size_t size) {
    std::string bytes = "*" + std::to_string(size) + "\r\n";
    for (std::size_t i = 0; i < size; ++i) bytes += ":1\r\n";
    return bytes;
  };
  reply_parser parser;
  ASSERT_TRUE(parser.feed(array(reply_elements_max - 1)));  // the array itself is one
  ASSERT_TRUE(parser.feed(array(reply_elements_max - 1)));
  EXPECT_TRUE(refused(array(reply_elements_max)));
  EXPECT_TRUE(refused("*2\r\n" + array(40'000) + array(40'000)));
  EXPECT_TRUE(refused("*2147483647\r\n"));
}

TEST(reply_parser, bounds_the_depth) {
  reply_parser parser;
  EXPECT_TRUE(parser.feed(nested(8)));
  EXPECT_TRUE(refused(nested(9)));
}

TEST(reply_parser, refuses_what_is_not_resp) {
  for (const auto* const bytes : {"hello\r\n", ":abc\r\n", "$x\r\n", "$-2\r\n", "*-2\r\n", "*1\r\n?\r\n",
                                  ">1\r\n:1\r\n", "*99999999999\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"}) {
    EXPECT_TRUE(refused(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace ctxcache::redis
