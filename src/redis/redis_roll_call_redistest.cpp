// Questions to a fleet in a real Redis, as the user that deploy/redis.acl defines.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "ctxcache/roll_call.hpp"
#include "redis/log_fixture.hpp"
#include "support/redis_server.hpp"

namespace ctxcache::redis {
namespace {

using std::chrono::milliseconds;

struct redis_roll_call_test : log_fixture {
  test::redis_server server{{"--aclfile", CTX_REDIS_ACL}};
  std::vector<std::unique_ptr<roll_call>> made;

  void SetUp() override { tell(server, {"ACL", "SETUSER", "ctxcache", "on", ">word"}); }
  ~redis_roll_call_test() override {
    for (const auto& one : made) test::run_coroutine(loop_, one->stop());
  }
  [[nodiscard]] std::string url() const {
    return "redis://ctxcache:word@127.0.0.1:" + std::to_string(server.port());
  }
  roll_call& attend(bool may_block = true) {
    made.push_back(*make_redis_roll_call(loop_.get_executor(), {.url = url(), .may_block = may_block}));
    return *made.back();
  }
  roll_call::opened ask(roll_call& who, scope what = scope::everything()) {
    auto opened = run(who.ask(std::move(what), soon()));
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? *opened : roll_call::opened{};
  }
  std::vector<roll_call::question> next(roll_call& who, milliseconds wait = milliseconds{1}) {
    auto found = run(who.next(wait));
    EXPECT_TRUE(found) << found.error().message();
    return found ? *found : std::vector<roll_call::question>{};
  }
  void say(roll_call& who, const std::string& question, const std::string& member, std::size_t entries) {
    EXPECT_TRUE(run(who.say(question, {member, entries}, soon())));
  }
  long life_of(const std::string& name) { return std::stol(server.command({"PTTL", name})); }
};

TEST_F(redis_roll_call_test, who_is_registered_hears_a_question_and_answers_it) {
  auto& log = open(url());
  ASSERT_TRUE(beat(log));
  auto &one = attend(), &other = attend();
  EXPECT_TRUE(next(other).empty());
  const auto asked = ask(one, *scope::of("c", "support", std::nullopt));
  EXPECT_EQ(asked.members, std::vector<std::string>{"m"});
  const auto heard = next(other);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].id, asked.id);
  EXPECT_EQ(heard[0].what.kind(), scope_kind::agent_type);
  EXPECT_EQ(heard[0].what.text(), "context:c:support");
  EXPECT_TRUE(next(other).empty()) << "once";
  EXPECT_TRUE(run(one.answers(asked.id, soon()))->empty());
  say(other, asked.id, "m", 7);
  say(one, asked.id, "n", 0);
  const auto said = run(one.answers(asked.id, soon()));
  ASSERT_TRUE(said) << said.error().message();
  ASSERT_EQ(said->size(), 2u);
  EXPECT_EQ((*said)[0].member, "m");
  EXPECT_EQ((*said)[0].entries, 7u);
  EXPECT_EQ((*said)[1].member, "n");
}

TEST_F(redis_roll_call_test, wakes_who_waits) {
  auto &one = attend(), &other = attend();
  const auto waiting = begin(other.next(std::chrono::hours{1}));
  ask(one);
  ASSERT_TRUE(eventually([&] { return waiting->has_value(); }));
  ASSERT_TRUE(**waiting) << (**waiting).error().message();
  EXPECT_EQ((**waiting)->size(), 1u);
}

TEST_F(redis_roll_call_test, does_not_wait_where_it_may_not_block) {
  auto& one = attend(false);
  EXPECT_TRUE(next(one, std::chrono::hours{1}).empty());
  ask(one);
  EXPECT_EQ(next(one, std::chrono::hours{1}).size(), 1u);
}

TEST_F(redis_roll_call_test, leaves_nothing_behind) {
  auto& one = attend();
  const auto asked = ask(one);
  say(one, asked.id, "m", 1);
  for (const auto& name : {std::string{"{ctxcache}:asked"}, "{ctxcache}:said:" + asked.id}) {
    EXPECT_GT(life_of(name), 0) << name;
    EXPECT_LE(life_of(name), 10'000) << name;
  }
}

TEST_F(redis_roll_call_test, passes_over_what_it_cannot_read) {
  auto& one = attend();
  tell(server, {"XADD", "{ctxcache}:asked", "*", "v", "2", "k", "key", "t", "context:c:support"});
  const auto asked = ask(one);
  const auto heard = next(one);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].id, asked.id);
  tell(server, {"HSET", "{ctxcache}:said:" + asked.id, "m", "many", "n", "3"});
  const auto said = run(one.answers(asked.id, soon()));
  ASSERT_TRUE(said);
  ASSERT_EQ(said->size(), 1u);
  EXPECT_EQ((*said)[0].member, "n");
}

TEST_F(redis_roll_call_test, says_when_redis_refuses_it) {
  auto& one = attend();
  tell(server, {"SET", "{ctxcache}:asked", "another type"});
  tell(server, {"SET", "{ctxcache}:said:1-1", "another type"});
  EXPECT_EQ(run(one.ask(scope::everything(), soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(one.next(milliseconds{1})).error(), errc::l2_failed);
  EXPECT_EQ(run(one.answers("1-1", soon())).error(), errc::l2_failed);
  EXPECT_EQ(run(one.say("1-1", {"m", 1}, soon())).error(), errc::l2_failed);
  tell(server, {"SET", "{ctxcache}:meta", "another type"});
  EXPECT_EQ(run(one.ask(scope::everything(), soon())).error(), errc::l2_failed);
}

TEST_F(redis_roll_call_test, stop_ends_what_waits_and_all_that_follows) {
  auto& one = attend();
  EXPECT_TRUE(next(one).empty());
  const auto waiting = begin(one.next(std::chrono::hours{1}));
  test::run_coroutine(loop_, one.stop());
  ASSERT_TRUE(eventually([&] { return waiting->has_value(); }));
  EXPECT_EQ((**waiting).error(), errc::l2_unavailable);
  EXPECT_EQ(run(one.next(milliseconds{1})).error(), errc::l2_unavailable);
  EXPECT_EQ(run(one.ask(scope::everything(), soon())).error(), errc::l2_unavailable);
  made.clear();
}

TEST(redis_roll_call, refuses_options_that_cannot_work) {
  boost::asio::io_context loop;
  EXPECT_EQ(make_redis_roll_call(loop.get_executor(), {.url = "nonsense"}).error(), errc::invalid_config);
  EXPECT_EQ(make_redis_roll_call(loop.get_executor(), {.prefix = "context:x"}).error(), errc::invalid_config);
}

}  // namespace
}  // namespace ctxcache::redis
