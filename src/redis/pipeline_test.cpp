#include "redis/pipeline.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/manual_clock.hpp"

namespace ctxcache::redis {
namespace {

using std::chrono::milliseconds;

batch commands(std::size_t count) {
  batch made;
  for (std::size_t i = 0; i < count; ++i) made.add({"PING"});
  return made;
}

struct fixture : testing::Test {
  test::manual_clock clock;
  pipeline line;

  deadline in(int after) { return deadline::after(clock.now(), milliseconds{after}); }
  pipeline::ticket sent(std::size_t count, int after = 1'000) {
    const auto ticket = line.submit(commands(count), in(after));
    EXPECT_TRUE(ticket);
    EXPECT_FALSE(line.take_output().empty());
    return *ticket;
  }
};

using pipeline_test = fixture;

TEST_F(pipeline_test, writes_what_is_submitted_once_and_in_order) {
  batch first, second;
  first.add({"GET", "a"});
  second.add({"GET", "b"});
  const auto expected = first.bytes() + second.bytes();
  ASSERT_TRUE(line.submit(first, in(10)));
  ASSERT_TRUE(line.submit(second, in(10)));
  EXPECT_EQ(line.commands_to_write(), 2u);
  EXPECT_EQ(line.take_output("old bytes"), expected);
  EXPECT_EQ(line.commands_to_write(), 0u);
  EXPECT_TRUE(line.take_output("old bytes").empty());
}

TEST_F(pipeline_test, answers_batches_in_their_order) {
  const auto first = sent(2), second = sent(1);
  const auto done = line.feed("+a\r\n+b\r\n+c\r\n");
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].whose, first);
  ASSERT_EQ(done[0].got->size(), 2u);
  EXPECT_EQ((*done[0].got)[1].text, "b");
  EXPECT_EQ(done[1].whose, second);
  EXPECT_EQ((*done[1].got)[0].text, "c");
  EXPECT_FALSE(line.poisoned());
}

TEST_F(pipeline_test, finishes_a_batch_with_the_last_byte_of_its_last_reply) {
  sent(2);
  const std::string bytes = "$5\r\nhello\r\n:1\r\n";
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) ASSERT_TRUE(line.feed({&bytes[i], 1}).empty());
  const auto done = line.feed("\n");
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ((*done[0].got)[0].text, "hello");
}

TEST_F(pipeline_test, reads_a_huge_reply_among_small_ones) {
  sent(1), sent(1), sent(1);
  const std::string huge(10'000'000, 'x');
  const auto done = line.feed("+a\r\n$10000000\r\n" + huge + "\r\n+b\r\n");
  ASSERT_EQ(done.size(), 3u);
  EXPECT_EQ((*done[1].got)[0].text, huge);
  EXPECT_EQ((*done[2].got)[0].text, "b");
}

TEST_F(pipeline_test, a_reply_nobody_asked_for_poisons) {
  EXPECT_TRUE(line.feed("+surprise\r\n").empty());
  EXPECT_TRUE(line.poisoned());
  EXPECT_EQ(line.submit(commands(1), in(10)).error(), errc::l2_unavailable);
}

TEST_F(pipeline_test, a_reply_to_a_command_not_written_yet_poisons) {
  const auto ticket = line.submit(commands(1), in(10));
  const auto done = line.feed("+early\r\n");
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].whose, *ticket);
  EXPECT_EQ(done[0].got.error(), errc::l2_unavailable);
  EXPECT_TRUE(line.poisoned());
}

TEST_F(pipeline_test, one_reply_too_many_poisons_and_the_rest_is_dropped) {
  const auto ticket = sent(1);
  const auto done = line.feed("+mine\r\n+surplus\r\n+more\r\n");
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].whose, ticket);
  EXPECT_TRUE(line.poisoned());
  EXPECT_TRUE(line.feed("+later\r\n").empty());
}

TEST_F(pipeline_test, garbage_ends_all_in_flight) {
  const auto first = sent(1), second = sent(3);
  const auto done = line.feed("+a\r\nHTTP/1.1 400\r\n");
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].whose, first);
  EXPECT_EQ(done[0].got.error(), errc::l2_unavailable);
  EXPECT_EQ(done[1].whose, second);
  EXPECT_TRUE(line.poisoned());
}

TEST_F(pipeline_test, nothing_expires_before_its_deadline) {
  sent(1, 10);
  clock.advance(milliseconds{10} - std::chrono::nanoseconds{1});
  EXPECT_TRUE(line.expire(clock.now()).empty());
  EXPECT_FALSE(line.poisoned());
}

TEST_F(pipeline_test, an_overdue_batch_takes_the_others_with_it) {
  const auto patient = sent(1, 1'000), hasty = sent(1, 10);
  clock.advance(milliseconds{10});
  const auto ended = line.expire(clock.now());
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[0].whose, patient);
  EXPECT_EQ(ended[0].got.error(), errc::l2_unavailable);
  EXPECT_EQ(ended[1].whose, hasty);
  EXPECT_EQ(ended[1].got.error(), errc::l2_timeout);
  EXPECT_TRUE(line.poisoned());
  EXPECT_TRUE(line.feed("+late\r\n+later\r\n").empty());
}

TEST_F(pipeline_test, poison_ends_each_batch_once) {
  sent(1), sent(1);
  EXPECT_EQ(line.poison().size(), 2u);
  EXPECT_TRUE(line.poison().empty());
  EXPECT_TRUE(line.poisoned());
}

TEST_F(pipeline_test, knows_the_earliest_deadline_in_flight) {
  EXPECT_EQ(line.next_deadline().at, time_point::max());
  sent(1, 30), sent(1, 10);
  EXPECT_EQ(line.next_deadline().at, in(10).at);
  ASSERT_EQ(line.feed("+a\r\n+b\r\n").size(), 2u);
  EXPECT_EQ(line.next_deadline().at, time_point::max());
}

TEST(pipeline, bounds_the_commands_in_flight) {
  pipeline line{{.commands = 3, .bytes = 1'000}};
  ASSERT_TRUE(line.submit(commands(2), {}));
  EXPECT_EQ(line.submit(commands(2), {}).error(), errc::overloaded);
  ASSERT_TRUE(line.submit(commands(1), {}));
  EXPECT_FALSE(line.take_output().empty());
  EXPECT_EQ(line.submit(commands(1), {}).error(), errc::overloaded);
  EXPECT_FALSE(line.poisoned());
  ASSERT_EQ(line.feed("+1\r\n+2\r\n").size(), 1u);
  EXPECT_TRUE(line.submit(commands(2), {}));
}

TEST(pipeline, bounds_the_bytes_in_flight) {
  const auto size = commands(1).bytes().size();
  pipeline line{{.commands = 100, .bytes = 2 * size}};
  ASSERT_TRUE(line.submit(commands(2), {}));
  EXPECT_EQ(line.submit(commands(1), {}).error(), errc::overloaded);
  EXPECT_FALSE(line.take_output().empty());
  ASSERT_EQ(line.feed("+1\r\n+2\r\n").size(), 1u);
  EXPECT_TRUE(line.submit(commands(1), {}));
}

}  // namespace
}  // namespace ctxcache::redis
