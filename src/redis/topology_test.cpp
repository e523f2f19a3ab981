#include "redis/topology.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include "ctxcache/backends.hpp"

namespace ctxcache::redis {
namespace {

server read(std::string_view url) {
  const auto parsed = parse_url(url);
  const auto* const problem = std::get_if<url_problem>(&parsed);
  EXPECT_EQ(problem, nullptr) << url << ' ' << problem->message;
  return problem == nullptr ? std::get<server>(parsed) : server{};
}

TEST(redis_url, names_host_port_and_database) {
  const auto whole = read("redis://cache.internal:6380/3");
  EXPECT_EQ(whole.host, "cache.internal");
  EXPECT_EQ(whole.port, 6380);
  EXPECT_EQ(whole.database, 3u);
  EXPECT_TRUE(whole.user.empty());
  EXPECT_TRUE(whole.password.empty());
}

TEST(redis_url, has_the_usual_port_and_database_by_default) {
  for (const auto* const url : {"redis://localhost", "redis://localhost/", "redis://localhost:6379/0"}) {
    const auto found = read(url);
    EXPECT_EQ(found.port, 6379) << url;
    EXPECT_EQ(found.database, 0u) << url;
  }
}

TEST(redis_url, decodes_user_and_password) {
  const auto both = read("redis://al%40ice:p%40ss%3A%2Fword%25@h");
  EXPECT_EQ(both.user, "al@ice");
  EXPECT_EQ(both.password, "p@ss:/word%");
  const auto password_alone = read("redis://:secret@h");
  EXPECT_TRUE(password_alone.user.empty());
  EXPECT_EQ(password_alone.password, "secret");
}

TEST(redis_url, reads_ipv6_addresses) {
  const auto found = read("redis://[::1]:7000");
  EXPECT_EQ(found.host, "::1");
  EXPECT_EQ(found.address(), "redis://[::1]:7000/0");
}

TEST(redis_url, address_names_neither_user_nor_password) {
  EXPECT_EQ(read("redis://alice:canary@h:1/2").address(), "redis://h:1/2");
}

TEST(redis_url, says_what_is_not_supported_yet) {
  for (const auto* const url : {"rediss://h", "unix:///run/redis.sock"}) {
    EXPECT_NE(redis_url_problem(url).find("not supported yet"), std::string::npos) << url;
  }
}

TEST(redis_url, says_what_is_wrong_without_the_password) {
  for (const auto* const url :
       {"", "localhost:6379", "http://:canary@h", "redis://", "redis://:canary@", "redis://:canary@h:0",
        "redis://:canary@h:99999", "redis://:canary@h:x", "redis://:canary@h/x", "redis://:canary@h/-1",
        "redis://:canary@h/99999999999999999999", "redis://:canary@h/1/2", "redis://:canary@h?db=1",
        "redis://:canary@h#1", "redis://:can ary@h", "redis://:canary%zz@h", "redis://alice@h"}) {
    const auto problem = redis_url_problem(url);
    EXPECT_FALSE(problem.empty()) << url;
    EXPECT_EQ(problem.find("canary"), std::string::npos) << problem;
  }
  EXPECT_EQ(redis_url_problem("redis://alice:secret@localhost:6379/1"), "");
}

}  // namespace
}  // namespace ctxcache::redis
