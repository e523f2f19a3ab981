#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "config/load_fixture.hpp"

namespace config = ctxcache::config;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

class load : public config::load_fixture {};

}  // namespace

TEST_F(load, nothing_at_all_is_a_working_setup) {
  const auto made = config::load({});
  EXPECT_THAT(made.errors, IsEmpty());
  EXPECT_THAT(made.warnings, IsEmpty());
  EXPECT_EQ(made.config.cache.l1_cache_max_size, 1000u);
  EXPECT_THAT(made.config.providers, IsEmpty());
  EXPECT_EQ(shown(made, "l1_cache_ttl"), "30s (default)");
}

TEST_F(load, flags_win_over_environment_over_file_over_profile) {
  const std::string file =
      "profile = \"production\"\nl1_cache_ttl = 10\nl2_cache_ttl = \"20s\"\nthreads = 4\n";
  from_.variables = {{"CTXCACHE_L2_CACHE_TTL", "30"}, {"CTXCACHE_THREADS", "5"}};
  from_.flags = {{"--threads", "6"}};
  const auto made = from_file(file);
  EXPECT_THAT(texts(made.errors), IsEmpty());
  EXPECT_EQ(shown(made, "l1_cache_max_size"), "5000 (profile production)");
  EXPECT_EQ(shown(made, "l1_cache_ttl"), "10s (line 2)");
  EXPECT_EQ(shown(made, "l2_cache_ttl"), "30s (environment CTXCACHE_L2_CACHE_TTL)");
  EXPECT_EQ(shown(made, "threads"), "6 (flag --threads)");
  EXPECT_EQ(made.config.threads, 6u);
}

TEST_F(load, fractions_are_from_nothing_to_all) {
  EXPECT_EQ(shown(from_file("inspect = 0.001\n"), "inspect"), "0.001 (line 1)");
  EXPECT_EQ(from_file("inspect = 1\n").config.cache.inspect, 1.0);
  for (const auto* text : {"1.1", "-0.1", "2", "nan", "inf"}) {
    const auto made = from_file("inspect = " + std::string{text} + "\n");
    EXPECT_THAT(texts(made.errors), ElementsAre("1:11: inspect: must be from 0 to 1")) << text;
  }
  EXPECT_THAT(texts(from_file("inspect = \"0.1\"\n").errors),
              ElementsAre("1:11: inspect: expected a number from 0 to 1, got \"0.1\""));
  from_.variables = {{"CTXCACHE_INSPECT", "0.5"}};
  EXPECT_EQ(from_file("").config.cache.inspect, 0.5);
  from_.flags = {{"--inspect", "some"}};
  EXPECT_FALSE(from_file("").ok());
}

TEST_F(load, numbers_are_within_their_bounds) {
  const auto rate = [&](const std::string& value) {
    return from_file("[warming]\nloads_per_second = " + value + "\n");
  };
  EXPECT_EQ(rate("0.5").config.warming.loads_per_second, 0.5);
  EXPECT_EQ(rate("200").config.warming.loads_per_second, 200.0);
  EXPECT_EQ(shown(rate("200"), "warming.loads_per_second"), "200 (line 2)");
  for (const auto* text : {"-0.1", "1000001", "nan", "inf"}) {
    EXPECT_THAT(texts(rate(text).errors),
                ElementsAre("2:20: warming.loads_per_second: must be from 0 to 1000000"))
        << text;
  }
  EXPECT_THAT(texts(rate("\"1\"").errors),
              ElementsAre("2:20: warming.loads_per_second: expected a number, got \"1\""));
  from_.flags = {{"--warming-loads-per-second", "2.5"}};
  EXPECT_EQ(from_file("").config.warming.loads_per_second, 2.5);
}

TEST_F(load, warming_and_intake_reach_their_places) {
  const auto made = from_file(R"(intake.default_rules = false
[warming]
concurrency = 4
slow_above = "20ms"
expires_within = "1m"
warm_start_budget = 0
hot_keys = 0
[intake_]
)");
  EXPECT_THAT(texts(made.errors), ElementsAre("8:2: unknown table \"intake_\"; did you mean \"intake\"?"));
  EXPECT_FALSE(made.config.intake.default_rules);
  EXPECT_EQ(made.config.warming.concurrency, 4u);
  EXPECT_EQ(made.config.warming.slow_above, 20ms);
  EXPECT_EQ(made.config.warming.expires_within, 1min);
  EXPECT_EQ(made.config.warming.warm_start_budget, 0ms);
  EXPECT_EQ(made.config.warming.hot_keys, 0u);
  const auto intake = from_file("[intake]\ndedupe_window = 0\nmerge_window = \"1s\"\ndead_letters_max = 5\n");
  EXPECT_THAT(texts(intake.errors), IsEmpty());
  EXPECT_EQ(intake.config.intake.dedupe_window, 0ms);
  EXPECT_EQ(intake.config.intake.merge_window, 1s);
  EXPECT_EQ(intake.config.intake.dead_letters_max, 5u);
}

TEST_F(load, profile_gives_way_to_a_size_that_is_set) {
  EXPECT_EQ(from_file("profile = \"dev\"\n").config.cache.l1_cache_max_size, 500u);
  EXPECT_EQ(from_file("profile = \"staging\"\n").config.cache.l1_cache_max_size, 1000u);
  EXPECT_EQ(from_file("profile = \"dev\"\nl1_cache_max_size = 7\n").config.cache.l1_cache_max_size, 7u);
}

TEST_F(load, booleans_and_lists_from_text) {
  from_.variables = {{"CTXCACHE_ENABLE_L1_CACHE", "false"}, {"CTXCACHE_AGENT_TYPES", "support,billing"}};
  from_.flags = {{"--log-customer-ids", ""}};
  const auto made = config::load(from_);
  EXPECT_THAT(texts(made.errors), IsEmpty());
  EXPECT_FALSE(made.config.cache.enable_l1_cache);
  EXPECT_TRUE(made.config.log_customer_ids);
  EXPECT_THAT(made.config.cache.agent_types, ElementsAre("support", "billing"));
}

TEST_F(load, reports_all_mistakes_at_once_in_the_order_of_the_file) {
  from_.variables = {{"CTXCACHE_THREADS", "many"}};
  from_.flags = {{"--lissten", "x"}};
  const auto made = from_file(R"(l1_cache_tll = 30
l1_cache_ttl = 0
l2_cache_ttl = "soon"
l1_cache_max_size = -1
log_level = "wanr"
enable_l1_cache = "yes"
[segmnet.big]
[warming]
concurency = 4
slow_above = 0
[intake]
default_rules = "no"
)");
  EXPECT_THAT(texts(made.errors),
              ElementsAre("1:1: unknown key \"l1_cache_tll\"; did you mean \"l1_cache_ttl\"?",
                          "2:16: l1_cache_ttl: must be at least 1ms",
                          "3:16: l2_cache_ttl: expected a duration such as \"500ms\", \"30s\" or \"5m\", or "
                          "a whole number of seconds, got "
                          "\"soon\"",
                          "4:21: l1_cache_max_size: must be at least 1",
                          "5:13: log_level: expected one of \"trace\", \"debug\", \"info\", \"warn\", "
                          "\"error\", \"off\", got \"wanr\"; "
                          "did "
                          "you mean \"warn\"?",
                          "6:19: enable_l1_cache: expected true or false, got \"yes\"",
                          "7:2: unknown table \"segmnet\"; did you mean \"segment\"?",
                          "9:1: unknown key \"concurency\"; did you mean \"concurrency\"?",
                          "10:14: warming.slow_above: must be at least 1ms",
                          "12:17: intake.default_rules: expected true or false, got \"no\"",
                          "environment CTXCACHE_THREADS: expected a whole number, got \"many\"",
                          "flag --lissten: is not a setting; did you mean \"--listen\"?"));
}

TEST_F(load, agent_types_that_cannot_be) {
  const auto made =
      from_file("agent_types = [\"stats\", \"\", \"a\", \"a\", \"" + std::string(129, 'x') + "\"]\n");
  EXPECT_THAT(
      texts(made.errors),
      ElementsAre(
          "1:15: agent_types: \"stats\" is a word of the HTTP API, and cannot name an agent type",
          "1:15: agent_types: \"\" is not a name: 1 to 128 bytes of UTF-8",
          "1:15: agent_types: \"a\" is named twice",
          "1:15: agent_types: \"" + std::string(129, 'x') + "\" is not a name: 1 to 128 bytes of UTF-8"));
  EXPECT_THAT(texts(from_file("agent_types = []").errors),
              ElementsAre("1:15: agent_types: must name at least one"));
  EXPECT_THAT(texts(from_file("agent_types = [1]").errors),
              ElementsAre("1:15: agent_types: expected strings only, got 1"));
}

TEST_F(load, remote_addresses_need_to_be_allowed) {
  EXPECT_THAT(texts(from_file("listen = \"0.0.0.0:8000\"").errors),
              ElementsAre(HasSubstr("1:10: listen: 0.0.0.0:8000 can be reached by other machines")));
  EXPECT_TRUE(from_file("listen = \"0.0.0.0:8000\"\nallow_remote = true\n").ok());
  EXPECT_THAT(texts(from_file("listen = \"here\"").errors), ElementsAre(HasSubstr("expected ADDRESS:PORT")));
}

TEST_F(load, syntax_errors_have_their_place) {
  const auto made = from_file("threads = 1\nlisten = \"x\n");
  ASSERT_EQ(made.errors.size(), 1u);
  EXPECT_THAT(texts(made.errors)[0], testing::StartsWith("2:"));
  EXPECT_THAT(texts(from_file("threads = 1\nthreads = 2\n").errors), ElementsAre(HasSubstr("2:")));
}

TEST_F(load, unreadable_files) {
  from_.file = "/nowhere/c.toml";
  EXPECT_EQ(texts(config::load(from_).errors),
            std::vector<std::string>{"/nowhere/c.toml: cannot be read: No such file or directory"});
  from_.file = "/";
  EXPECT_EQ(texts(config::load(from_).errors), std::vector<std::string>{"/: cannot be read: Is a directory"});
  EXPECT_THAT(texts(from_file(std::string((1 << 20) + 1, '\n')).errors),
              ElementsAre(HasSubstr("larger than 1 MiB")));
}

TEST_F(load, doubtful_values_are_warnings) {
  const auto made =
      from_file("l1_cache_ttl = \"10m\"\nload_timeout = \"1h\"\ncoherence.load_deadline = \"1h\"\n");
  EXPECT_TRUE(made.ok());
  EXPECT_THAT(texts(made.warnings),
              ElementsAre(HasSubstr("1:16: l1_cache_ttl: 10m is longer than l2_cache_ttl, 5m"),
                          HasSubstr("2:16: load_timeout: is longer than request_timeout")));
  EXPECT_THAT(texts(from_file("l1_cache_ttl = \"10m\"\nenable_l2_cache = false\n").warnings), IsEmpty());
  EXPECT_THAT(texts(from_file("enable_l1_cache = false\nenable_l2_cache = false\n").warnings),
              ElementsAre(HasSubstr("1:19: enable_l1_cache: both tiers are off")));
}

TEST_F(load, misspelt_variables_are_warnings_and_strange_ones_nothing) {
  from_.variables = {{"CTXCACHE_L1_CACHE_TLL", "1"},
                     {"CTXCACHE_URL", "http://x"},
                     {"CTXCACHE_PORT_8000_TCP_ADDR", "10.0.0.1"}};
  const auto made = config::load(from_);
  EXPECT_TRUE(made.ok());
  EXPECT_THAT(texts(made.warnings),
              ElementsAre("environment CTXCACHE_L1_CACHE_TLL: is not a setting; did you mean "
                          "\"CTXCACHE_L1_CACHE_TTL\"?"));
}

TEST_F(load, redis_url_is_expanded_and_checked) {
  from_.variables = {{"PW", "x"}};
  EXPECT_EQ(from_file("redis_url = \"redis://:${PW}@r\"").config.redis_url, "redis://:x@r");
  EXPECT_THAT(texts(from_file("redis_url = \"http://secret\"").errors),
              ElementsAre("1:13: redis_url: expected redis://[user:password@]host[:port][/database]"));
  EXPECT_THAT(texts(from_file("redis_url = \"redis://${NO}\"").errors),
              ElementsAre(HasSubstr("neither NO nor NO_FILE")));
}

// Whatever is spliced into a good file is taken or refused with a place, never thrown over.
TEST_F(load, garbage_is_refused_with_a_place) {
  const std::string good =
      "l1_cache_ttl = \"30s\"\n[coherence]\nlicence = \"2s\"\n[provider.a]\ntype = \"http\"\nurl = "
      "\"http://h\"\n";
  const bool holds = rc::check("garbage is refused with a place", [&](const std::string& garbage) {
    auto text = good;
    text.insert(*rc::gen::inRange<std::size_t>(0, good.size() + 1), garbage);
    const auto made = from_file(text);
    for (const auto& one : made.errors) {
      RC_ASSERT(one.at.line > 0u);
      RC_ASSERT(!one.message.empty());
    }
  });
  EXPECT_TRUE(holds);
}
