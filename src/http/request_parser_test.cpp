#include "http/request_parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace ctxcache::http {
namespace {

using state = request_parser::state;

constexpr std::size_t small_body = 64;

/// Feeds all at once; the status of the refusal, 0 for a whole request, -1 when more is needed.
[[nodiscard]] int verdict(std::string_view bytes) {
  request_parser parser{small_body};
  const auto got = parser.feed(bytes);
  if (got.now == state::failed) return parser.why().status;
  return got.now == state::complete ? 0 : -1;
}

/// The same, byte by byte, keeping what was not consumed.
[[nodiscard]] int slow_verdict(std::string_view bytes) {
  request_parser parser{small_body};
  std::string waiting;
  for (const char byte : bytes) {
    waiting += byte;
    const auto got = parser.feed(waiting);
    waiting.erase(0, got.consumed);
    if (got.now == state::failed) return parser.why().status;
    if (got.now == state::complete) return 0;
  }
  return -1;
}

TEST(request_parser, reads_what_it_needs) {
  request_parser parser{small_body};
  const std::string text =
      "PUT /a?b HTTP/1.1\r\nHost: x\r\nif-none-match: \"1\"\r\nIf-None-Match: \"2\"\r\n"
      "Cache-Control: no-cache\r\nContent-Type: application/json\r\nX-Request-ID: r1\r\n"
      "Content-Length: 2\r\n\r\n{}";
  const auto got = parser.feed(text);
  ASSERT_EQ(got.now, state::complete);
  EXPECT_EQ(got.consumed, text.size());
  const auto& from = parser.current();
  EXPECT_EQ(from.verb, method::put);
  EXPECT_EQ(from.target, "/a?b");
  EXPECT_EQ(from.if_none_match, "\"1\", \"2\"");
  EXPECT_EQ(from.cache_control, "no-cache");
  EXPECT_EQ(from.content_type, "application/json");
  EXPECT_EQ(from.request_id, "r1");
  EXPECT_EQ(from.body, "{}");
  EXPECT_TRUE(from.keep_alive);
}

TEST(request_parser, keeps_all_lines_of_a_post_only) {
  const std::string lines = "Host: x\r\nce-type: a: b\r\nX-Empty: \r\n";
  request_parser parser{small_body};
  ASSERT_EQ(parser.feed("POST / HTTP/1.1\r\n" + lines + "\r\n").now, state::complete);
  EXPECT_EQ(parser.current().lines, lines);
  parser.next();
  ASSERT_EQ(parser.feed("GET / HTTP/1.1\r\n" + lines + "\r\n").now, state::complete);
  EXPECT_EQ(parser.current().lines, "");
}

TEST(request_parser, reads_chunks_with_extensions_and_trailers) {
  request_parser parser{small_body};
  const std::string text =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3;name=\"v\"\r\nabc\r\n2\r\nde\r\n0\r\nX-Request-Id: from-the-trailer\r\n\r\n";
  const auto got = parser.feed(text);
  ASSERT_EQ(got.now, state::complete);
  EXPECT_EQ(parser.current().body, "abcde");
  EXPECT_EQ(parser.current().request_id, "");
  EXPECT_EQ(slow_verdict(text), 0);
}

TEST(request_parser, stops_behind_each_pipelined_request) {
  request_parser parser{small_body};
  std::string bytes = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n";
  auto got = parser.feed(bytes);
  ASSERT_EQ(got.now, state::complete);
  EXPECT_EQ(parser.current().target, "/1");
  bytes.erase(0, got.consumed);
  parser.next();
  got = parser.feed(bytes);
  ASSERT_EQ(got.now, state::complete);
  EXPECT_EQ(parser.current().target, "/2");
  EXPECT_EQ(got.consumed, bytes.size());
}

TEST(request_parser, knows_when_the_connection_stays) {
  const auto stays = [](std::string_view version, std::string_view line) {
    request_parser parser{small_body};
    const auto got =
        parser.feed("GET / HTTP/" + std::string{version} + "\r\nHost: x\r\n" + std::string{line} + "\r\n");
    EXPECT_EQ(got.now, state::complete);
    return parser.current().keep_alive;
  };
  EXPECT_TRUE(stays("1.1", ""));
  EXPECT_FALSE(stays("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(stays("1.0", ""));
  EXPECT_TRUE(stays("1.0", "Connection: Keep-Alive\r\n"));
}

struct attack {
  std::string name;
  std::string bytes;
  int status = 400;
};

class smuggling : public testing::TestWithParam<attack> {};

TEST_P(smuggling, is_refused) {
  EXPECT_EQ(verdict(GetParam().bytes), GetParam().status);
  // Byte by byte, Beast may wait for the end of the header before it looks at lines: it waits, or refuses.
  const auto slow = slow_verdict(GetParam().bytes);
  EXPECT_TRUE(slow == GetParam().status || slow == -1) << slow;
}

const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";

INSTANTIATE_TEST_SUITE_P(
    corpus, smuggling,
    testing::Values(
        attack{"length_then_chunked", start + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
        attack{"chunked_then_length", start + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"},
        attack{"same_length_twice", start + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"},
        attack{"other_length_twice", start + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"},
        attack{"list_of_lengths", start + "Content-Length: 3, 3\r\n\r\nabc"},
        attack{"signed_length", start + "Content-Length: +3\r\n\r\nabc"},
        attack{"hexadecimal_length", start + "Content-Length: 0x3\r\n\r\nabc"},
        attack{"empty_length", start + "Content-Length:\r\n\r\n"},
        attack{"overflowing_length", start + "Content-Length: 18446744073709551617\r\n\r\n"},
        attack{"other_coding", start + "Transfer-Encoding: gzip\r\n\r\n"},
        attack{"identity_coding", start + "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc"},
        attack{"coding_list", start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        attack{"coding_twice", start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        attack{"obscured_coding", start + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"},
        attack{"coding_in_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        attack{"folded_value", start + "X: a\r\n b\r\n\r\n"},
        attack{"folded_empty_value", start + "X:\r\n b\r\n\r\n"},
        attack{"folded_nothing", start + "X:\r\n \r\nY: 1\r\n\r\n"},
        attack{"folded_with_tab", start + "Content-Length: 3\r\n\t\r\n\r\nabc"},
        attack{"bare_line_feeds", "GET / HTTP/1.1\nHost: x\n\n"},
        attack{"bare_line_feed_in_header", start + "A: b\nContent-Length: 3\r\n\r\nabc"},
        attack{"bare_carriage_return", start + "A: b\rContent-Length: 3\r\n\r\nabc"},
        attack{"zero_byte", start + std::string{"A: b\0c\r\n\r\n", 10}},
        attack{"blank_before_colon", start + "Content-Length : 3\r\n\r\nabc"},
        attack{"blank_before_name", "POST / HTTP/1.1\r\n Host: x\r\n\r\n"},
        attack{"no_host", "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
        attack{"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        attack{"version_2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"}, attack{"version_0_9", "GET /\r\n\r\n"},
        attack{"blank_in_target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
        attack{"tls_hello", std::string{"\x16\x03\x01\x02\x00\x01\x00", 7}},
        attack{"bad_chunk_size", start + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n"},
        attack{"chunk_without_end", start + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n"},
        attack{"line_feed_in_chunk_size", start + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n"},
        attack{"line_feed_in_extension",
               start + "Transfer-Encoding: chunked\r\n\r\n3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"},
        attack{"length_in_trailer",
               start + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n"},
        attack{"strange_expectation", start + "Expect: 200-maybe\r\n\r\n", 417},
        attack{"body_over_limit", start + "Content-Length: 65\r\n\r\n", 413},
        attack{"chunk_over_limit", start + "Transfer-Encoding: chunked\r\n\r\n41\r\n", 413},
        attack{"chunks_over_limit",
               start + "Transfer-Encoding: chunked\r\n\r\n40\r\n" + std::string(64, 'x') + "\r\n1\r\n", 413}),
    [](const auto& one) { return one.param.name; });

TEST(request_parser, takes_a_body_of_exactly_the_limit) {
  EXPECT_EQ(verdict(start + "Content-Length: 64\r\n\r\n" + std::string(64, 'x')), 0);
  EXPECT_EQ(verdict(start + "Content-Length: 64\r\n\r\n" + std::string(63, 'x')), -1);
}

TEST(request_parser, refuses_a_header_over_16_kib_as_one_line_or_many) {
  EXPECT_EQ(verdict(start + "A: " + std::string(header_bytes_max, 'x')), 431);
  std::string many = start;
  while (many.size() <= header_bytes_max) many += "A: b\r\n";
  EXPECT_EQ(verdict(many), 431);
  EXPECT_EQ(slow_verdict(many), 431);
  EXPECT_EQ(verdict("GET /" + std::string(header_bytes_max, 'x')), 431);
  std::string fits = start + "A: " + std::string(header_bytes_max - 100, 'x') + "\r\n\r\n";
  EXPECT_EQ(verdict(fits), 0);
}

TEST(request_parser, refuses_endless_chunk_extensions_and_trailers) {
  const auto chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(verdict(chunked + "1;" + std::string(header_bytes_max, 'x')), 431);
  EXPECT_EQ(verdict(chunked + "0\r\nA: " + std::string(header_bytes_max, 'x')), 431);
}

TEST(request_parser, reads_a_last_chunk_that_comes_byte_by_byte) {
  EXPECT_EQ(slow_verdict(start + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 0);
  EXPECT_EQ(slow_verdict(start + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n"), 0);
}

TEST(request_parser, wants_more_at_every_cut) {
  const std::string whole = start + "Content-Length: 3\r\n\r\nabc";
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_EQ(verdict(std::string_view{whole}.substr(0, cut)), -1) << cut;
}

TEST(request_parser, reads_the_same_however_it_is_cut) {
  const std::string whole = start +
                            "Transfer-Encoding: chunked\r\nIf-None-Match: \"a\"\r\n\r\n"
                            "3\r\nabc\r\n00\r\nT: v\r\n\r\n";
  EXPECT_TRUE(rc::check([&](const std::vector<std::size_t>& cuts) {
    request_parser parser{small_body};
    std::string waiting;
    std::size_t at = 0;
    auto got = request_parser::progress{};
    const auto give = [&](std::size_t bytes) {
      waiting += whole.substr(at, bytes);
      at = std::min(at + bytes, whole.size());
      got = parser.feed(waiting);
      waiting.erase(0, got.consumed);
    };
    for (const auto cut : cuts)
      if (got.now == state::need_more) give(cut % 16);
    if (got.now == state::need_more) give(whole.size());
    RC_ASSERT(got.now == state::complete);
    RC_ASSERT(parser.current().body == "abc");
    RC_ASSERT(parser.current().if_none_match == "\"a\"");
  }));
}

TEST(request_parser, never_breaks_on_any_bytes) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) { (void)verdict("GET /" + bytes); }));
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    (void)slow_verdict("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + bytes);
  }));
}

}  // namespace
}  // namespace ctxcache::http
