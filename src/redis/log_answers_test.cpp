#include "redis/log_answers.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

namespace ctxcache::redis {
namespace {

using std::string;
using std::chrono::milliseconds;

const string epoch = "00000000000000ab";
const string largest = "18446744073709551615";

reply texts(std::initializer_list<string> all) {
  reply made{.is = reply::kind::array};
  for (const auto& one : all) made.elements.push_back({.is = reply::kind::bulk, .text = one});
  return made;
}

TEST(log_answers, give_the_place_of_a_message) {
  EXPECT_EQ(read_place(texts({epoch, largest})), (position{0xAB, ~std::uint64_t{0}}));
  for (const auto& wrong : {texts({}), texts({epoch}), texts({epoch, "1", "2"}), texts({"ab", "1"}),
                            texts({epoch, "-1"}), texts({epoch, ""}), reply{.is = reply::kind::integer}}) {
    EXPECT_FALSE(read_place(wrong));
  }
}

TEST(log_answers, give_the_constants_as_they_were_written) {
  const fleet_constants written{milliseconds{1}, milliseconds{0}, milliseconds{60'000}, milliseconds{30'000}};
  const auto got = read_beat_answer(texts({epoch, "7", text_of(written), "1"}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->last, (position{0xAB, 7}));
  EXPECT_EQ(got->constants, written);
  EXPECT_TRUE(got->epoch_is_old);
  EXPECT_FALSE(read_beat_answer(texts({epoch, "7", text_of(written), "0"}))->epoch_is_old);
  for (const string wrong :
       {"", "1", "1:2:3", "1:2:3:", "1:2:3:4:", "1:2:3:4:5", "a:2:3:4", "1 2 3 4", "1:-2:3:4"}) {
    EXPECT_FALSE(read_beat_answer(texts({epoch, "7", wrong, "0"}))) << wrong;
  }
  EXPECT_FALSE(read_beat_answer(texts({epoch, "7", text_of(written)})));
}

TEST(log_answers, give_the_members_and_skip_other_fields) {
  const auto got =
      read_members(texts({"m:", "1:2", "e", epoch, "r", "abc", "m:x", largest + ":9", "n", "7"}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->last, (position{0xAB, 7}));
  ASSERT_EQ(got->all.size(), 2u);
  EXPECT_EQ(got->all[0].id, "");
  EXPECT_EQ(got->all[1].id, "x");
  EXPECT_EQ(got->all[1].applied, ~std::uint64_t{0});
  EXPECT_EQ(got->all[1].count, 9u);
}

TEST(log_answers, count_a_senseless_beat_as_nothing_applied) {
  for (const string beat : {"", "5", "5:", ":5", "5:6:7", "x:y", "99999999999999999999:1"}) {
    const auto got = read_members(texts({"e", epoch, "n", "7", "m:a", beat}));
    ASSERT_TRUE(got) << beat;
    ASSERT_EQ(got->all.size(), 1u) << beat;
    EXPECT_EQ(got->all[0].applied, 0u) << beat;
    EXPECT_EQ(got->all[0].count, 0u) << beat;
  }
}

TEST(log_answers, know_no_position_before_there_is_a_log) {
  const auto none = read_members(texts({}));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->last, position{});
  EXPECT_TRUE(none->all.empty());
  EXPECT_FALSE(read_members(texts({"m:a", "1:2"})));
  EXPECT_FALSE(read_members(texts({"e", epoch, "n"})));
  EXPECT_FALSE(read_members(reply{}));
}

TEST(log_answers, give_what_the_server_says_of_itself) {
  const reply info{.is = reply::kind::bulk,
                   .text =
                       "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n\r\n# Memory\r\n"
                       "used_memory:1\r\nmaxmemory:104857600\r\nmaxmemory_human:100.00M\r\n"
                       "maxmemory_policy:allkeys-lru\r\n# Replication\r\nconnected_slaves:2"};
  const auto got = read_facts(info);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->version, "7.0.15");
  EXPECT_EQ(got->eviction_policy, "allkeys-lru");
  EXPECT_EQ(got->maxmemory, 104'857'600u);
  EXPECT_EQ(got->replicas_connected, 2u);
  EXPECT_FALSE(read_facts({.is = reply::kind::status, .text = "OK"}));
}

TEST(log_answers, know_nothing_of_a_server_that_says_nothing) {
  for (const string text : {"", "\r\n", "maxmemory:", "maxmemory\r\nmaxmemory:-1", "xmaxmemory:7"}) {
    const auto got = read_facts({.is = reply::kind::bulk, .text = text});
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(got->version, "") << text;
    EXPECT_EQ(got->eviction_policy, "") << text;
    EXPECT_EQ(got->maxmemory, 0u) << text;
  }
}

}  // namespace
}  // namespace ctxcache::redis
