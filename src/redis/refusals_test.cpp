#include "redis/refusals.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ctxcache::redis {
namespace {

TEST(refusals, keep_the_words_of_the_server_and_drop_the_arguments) {
  EXPECT_EQ(without_arguments("OOM command not allowed when used memory > maxmemory."),
            "OOM command not allowed when used memory > maxmemory.");
  EXPECT_EQ(
      without_arguments("ERR unknown command 'GTE', with args beginning with: 'context:cust_1:support'"),
      "ERR unknown command ");
  EXPECT_EQ(without_arguments("ERR unknown command `GTE`, with args"), "ERR unknown command ");
  EXPECT_EQ(without_arguments(std::string(5'000, 'x')).size(), 100u);
  EXPECT_EQ(without_arguments(""), "");
}

TEST(refusals, tell_a_replica) {
  EXPECT_TRUE(says_replica("READONLY You can't write against a read only replica."));
  EXPECT_TRUE(
      says_replica("ERR Error running script (call to f_ab): @user_script:3: -READONLY You can't write "
                   "against a read only replica."));
  EXPECT_FALSE(says_replica("ERR unknown command 'READONLY', with args beginning with: "));
  EXPECT_FALSE(says_replica("OOM command not allowed"));
}

}  // namespace
}  // namespace ctxcache::redis
