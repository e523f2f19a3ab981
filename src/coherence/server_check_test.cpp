#include "coherence/server_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ctxcache::coherence {
namespace {

using std::string;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const server_facts sound{.version = "7.0.15", .eviction_policy = "noeviction"};

server_facts full_at(string version, string policy) {
  return {.version = std::move(version), .eviction_policy = std::move(policy), .maxmemory = 1 << 20};
}

TEST(server_check, says_nothing_of_a_sound_server) {
  for (const auto* policy : {"", "noeviction", "volatile-lru", "volatile-ttl"}) {
    const auto got = judge(full_at("7.0.0", policy), true, 0);
    EXPECT_THAT(got.warnings, IsEmpty()) << policy;
    EXPECT_EQ(got.refusal, "") << policy;
  }
}

TEST(server_check, refuses_what_is_too_old) {
  for (const auto* version : {"2.8.24", "5.0.14", "6.0.16", "6.1.240"}) {
    const auto got = judge({.version = version}, false, 0);
    EXPECT_THAT(got.refusal, HasSubstr("Redis " + string{version} + " is too old")) << version;
    EXPECT_THAT(got.refusal, HasSubstr("6.2")) << version;
    EXPECT_THAT(got.warnings, IsEmpty()) << version;
  }
  for (const auto* version : {"6.2.0", "6.2", "7.0.15", "7.2-rc1", "8.0.0", "10.0.1"}) {
    EXPECT_EQ(judge({.version = version}, true, 0).refusal, "") << version;
  }
}

TEST(server_check, warns_of_an_unknown_version) {
  for (const auto* version : {"", "7", "7x2", "seven", ".7", "7.", "-7.0", "99999999999.0"}) {
    const auto got = judge({.version = version}, true, 0);
    EXPECT_EQ(got.refusal, "") << version;
    EXPECT_THAT(got.warnings, ElementsAre(HasSubstr("make sure that it is 6.2"))) << version;
  }
}

TEST(server_check, warns_of_a_server_that_takes_no_invalidation_when_it_is_full) {
  EXPECT_THAT(judge(full_at("6.2.14", "noeviction"), false, 0).warnings,
              ElementsAre(HasSubstr("6.2.14 refuses invalidations")));
  EXPECT_THAT(judge(full_at("7.0.0", "noeviction"), false, 0).warnings, IsEmpty());
  EXPECT_THAT(judge({.version = "6.2.14"}, false, 0).warnings, IsEmpty());
}

TEST(server_check, warns_of_a_server_that_may_evict_the_log_and_refuses_it_when_strict) {
  for (const auto* policy : {"allkeys-lru", "allkeys-lfu", "allkeys-random"}) {
    const auto bounded = judge(full_at("7.0.15", policy), false, 0);
    EXPECT_THAT(bounded.warnings, ElementsAre(HasSubstr("set maxmemory-policy"))) << policy;
    EXPECT_EQ(bounded.refusal, "") << policy;
    const auto strict = judge(full_at("7.0.15", policy), true, 0);
    EXPECT_THAT(strict.warnings, IsEmpty()) << policy;
    EXPECT_THAT(strict.refusal, HasSubstr(policy));
    EXPECT_THAT(strict.refusal, HasSubstr("set maxmemory-policy")) << policy;
    const server_facts without_limit{.version = "7.0.15", .eviction_policy = policy};
    EXPECT_EQ(judge(without_limit, true, 0).refusal, "") << policy;
    EXPECT_THAT(judge(without_limit, false, 0).warnings, IsEmpty()) << policy;
  }
  EXPECT_THAT(judge(full_at("6.0.16", "allkeys-lru"), true, 0).refusal, HasSubstr("too old"));
}

TEST(server_check, warns_of_missing_and_of_surplus_replicas) {
  auto server = sound;
  server.replicas_connected = 2;
  EXPECT_THAT(judge(server, true, 2).warnings, IsEmpty());
  EXPECT_THAT(judge(server, true, 3).warnings, ElementsAre(HasSubstr("connect them, or lower it")));
  EXPECT_THAT(judge(server, true, 1).warnings, ElementsAre(HasSubstr("raise it")));
}

}  // namespace
}  // namespace ctxcache::coherence
