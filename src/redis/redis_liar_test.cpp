// redis_l2 against a server that does not keep to the protocol: never a wrong value, every call ends, and
// another connection follows.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/entry_header.hpp"
#include "redis/redis_fixture.hpp"
#include "support/scripted_server.hpp"

namespace ctxcache::redis {
namespace {

using action = test::scripted_server::action;

std::string bulk(const std::string& bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + bytes + "\r\n";
}

struct liar : redis_fixture {
  std::unique_ptr<test::scripted_server> server;

  ~liar() override { disconnect(); }

  // The first connection is let in and answers a GET as told; the later ones know nobody, but are honest.
  void answer_with(const action& first) {
    server =
        std::make_unique<test::scripted_server>(loop_, [first](int connection, const std::string& piece) {
          if (piece.find("SETNAME") != std::string::npos) return action{"+OK\r\n"};
          if (connection == 1) return first;
          return action{"$-1\r\n:-2\r\n"};
        });
    connect(server->url());
  }
  std::string stored(const std::string& customer, const std::string& body) {
    return *encode_value(key_of(customer), *value(body), std::chrono::seconds{100});
  }
  bool misses_on_another_connection() {
    return eventually([&] {
      const auto found = get("c");
      return found && !*found && server->connections() > 1;
    });
  }
};

TEST_F(liar, honest_is_believed) {
  answer_with({bulk(stored("c", "{}")) + ":5000\r\n"});
  const auto found = get("c");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->body, "{}");
}

TEST_F(liar, answering_with_another_customers_value_leaks_nothing) {
  answer_with({bulk(stored("somebody_else", R"({"secret":1})")) + ":5000\r\n"});
  EXPECT_EQ(get("c").error(), errc::corrupt_value);
}

TEST_F(liar, answering_out_of_step_leaks_nothing_and_is_left) {
  // One answer too many before the right ones: everything after it would belong to the question before.
  answer_with({":5000\r\n" + bulk(stored("c", "{}")) + ":5000\r\n"});
  const auto found = get("c");
  EXPECT_TRUE(found.has_error());
  EXPECT_TRUE(misses_on_another_connection());
}

TEST_F(liar, answering_many_questions_in_the_wrong_order_leaks_nothing) {
  answer_with({bulk(stored("b", "[2]")) + ":5000\r\n" + bulk(stored("a", "[1]")) + ":5000\r\n"});
  const auto found = run(cache_->get_many({key_of("a"), key_of("b")}, soon()));
  EXPECT_EQ(found[0].error(), errc::corrupt_value);
  EXPECT_EQ(found[1].error(), errc::corrupt_value);
}

TEST_F(liar, saying_more_than_it_was_asked_is_left) {
  answer_with({bulk(stored("c", "{}")) + ":5000\r\n+and one more thing\r\n"});
  EXPECT_TRUE(get("c"));  // what was asked for is true
  EXPECT_TRUE(misses_on_another_connection());
}

TEST_F(liar, answering_with_the_wrong_kind_is_left) {
  for (const auto* const bytes :
       {":1\r\n:5000\r\n", "$1\r\nx\r\n$1\r\nx\r\n", "*0\r\n:1\r\n", "+OK\r\n+OK\r\n"}) {
    disconnect();
    answer_with({bytes});
    EXPECT_EQ(get("c").error(), errc::l2_unavailable) << bytes;
    EXPECT_TRUE(misses_on_another_connection()) << bytes;
  }
}

TEST_F(liar, not_speaking_the_protocol_is_left) {
  answer_with({"HTTP/1.1 400 Bad Request\r\n\r\n"});
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  EXPECT_TRUE(misses_on_another_connection());
}

TEST_F(liar, hanging_up_in_the_middle_of_an_answer) {
  const auto whole = bulk(stored("c", "{}")) + ":5000\r\n";
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    disconnect();
    answer_with({whole.substr(0, size), true});
    EXPECT_EQ(get("c").error(), errc::l2_unavailable) << size;
    EXPECT_TRUE(misses_on_another_connection()) << size;
  }
}

TEST_F(liar, stopping_in_the_middle_of_an_answer) {
  const auto whole = bulk(stored("c", "{}")) + ":5000\r\n";
  answer_with({whole.substr(0, whole.size() - 1)});
  EXPECT_EQ(get("c", in(budget)).error(), errc::l2_timeout);
  EXPECT_TRUE(misses_on_another_connection());
}

TEST_F(liar, announcing_a_huge_answer_is_bounded) {
  answer_with({"*2147483647\r\n"});
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
  EXPECT_TRUE(misses_on_another_connection());
}

TEST_F(liar, not_letting_in_in_any_known_way) {
  server = std::make_unique<test::scripted_server>(loop_, [](int connection, const std::string&) {
    return connection == 1   ? action{":1\r\n"}
           : connection == 2 ? action{"garbage\r\n"}
                             : action{"+OK\r\n", true};
  });
  connect(server->url());
  ASSERT_TRUE(eventually([&] { return server->connections() > 3; }));
  EXPECT_EQ(get("c").error(), errc::l2_unavailable);
}

}  // namespace
}  // namespace ctxcache::redis
