#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load_fixture.hpp"
#include "config/settings.hpp"

namespace config = ctxcache::config;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

class coherence : public config::load_fixture {
 protected:
  // What is wrong with this one key of [coherence], without its place; empty when nothing is.
  std::string wrong_with(const std::string& line) {
    const auto made = from_file("[coherence]\n" + line + "\n");
    if (made.ok()) return "";
    return made.errors.size() == 1 ? made.errors[0].message : "more than one error";
  }
};

}  // namespace

TEST_F(coherence, defaults_are_those_of_the_protocol) {
  const auto made = config::load({});
  const ctxcache::fleet_settings defaults;
  EXPECT_EQ(made.config.fleet.constants, defaults.constants);
  EXPECT_EQ(shown(made, "coherence.licence"), "2s (default)");
  EXPECT_EQ(shown(made, "coherence.grace"), "10s (default)");
  EXPECT_EQ(shown(made, "coherence.own_loads"), "1m (default)");
  EXPECT_EQ(shown(made, "coherence.load_deadline"), "10s (default)");
  EXPECT_EQ(shown(made, "coherence.replicas"), "0 (default)");
  EXPECT_EQ(shown(made, "coherence.log_max_messages"), "100000 (default)");
  EXPECT_EQ(shown(made, "coherence.table_slots"), "1048576 (default)");
  EXPECT_EQ(shown(made, "coherence.consistency"), "bounded (default)");
  EXPECT_EQ(shown(made, "coherence.poll"), "0s (default)");
  EXPECT_EQ(shown(made, "coherence.journal"), " (default)");
  EXPECT_EQ(shown(made, "coherence.journal_max_bytes"), "16MiB (default)");
}

TEST_F(coherence, every_key_reaches_its_place) {
  const auto made = from_file(R"([coherence]
licence = "3s"
grace = "4s"
own_loads = "5s"
load_deadline = "6s"
replicas = 2
log_max_messages = 2000
table_slots = 2048
consistency = "strict"
poll = "7ms"
journal = "/var/lib/ctxcache/journal"
journal_max_bytes = "1MiB"
)");
  EXPECT_THAT(texts(made.errors), IsEmpty());
  EXPECT_THAT(texts(made.warnings), IsEmpty());
  const auto& fleet = made.config.fleet;
  EXPECT_EQ(fleet.constants.licence, 3s);
  EXPECT_EQ(fleet.constants.grace, 4s);
  EXPECT_EQ(fleet.constants.own_loads, 5s);
  EXPECT_EQ(fleet.constants.load_deadline, 6s);
  EXPECT_EQ(fleet.replicas, 2u);
  EXPECT_EQ(fleet.table_slots, 2048u);
  EXPECT_TRUE(fleet.strict);
  EXPECT_EQ(fleet.journal_path, "/var/lib/ctxcache/journal");
  EXPECT_EQ(fleet.journal_max_bytes, std::size_t{1} << 20);
  EXPECT_EQ(made.config.log_max_messages, 2000u);
  EXPECT_EQ(made.config.log_poll, 7ms);
  EXPECT_EQ(shown(made, "coherence.consistency"), "strict (line 9)");
  EXPECT_EQ(shown(made, "coherence.journal"), "/var/lib/ctxcache/journal (line 11)");
}

TEST_F(coherence, may_be_written_with_dots_or_in_one_line) {
  EXPECT_EQ(from_file("coherence.licence = \"3s\"\n").config.fleet.constants.licence, 3s);
  EXPECT_EQ(from_file("coherence = { licence = \"3s\" }\n").config.fleet.constants.licence, 3s);
}

TEST_F(coherence, flags_win_over_environment_over_file) {
  from_.variables = {{"CTXCACHE_COHERENCE_GRACE", "8s"}, {"CTXCACHE_COHERENCE_OWN_LOADS", "9"}};
  from_.flags = {{"--coherence-own-loads", "1m"}, {"--coherence-consistency", "strict"}};
  const auto made = from_file("[coherence]\nlicence = \"3s\"\ngrace = \"3s\"\nown_loads = \"3s\"\n");
  EXPECT_THAT(texts(made.errors), IsEmpty());
  EXPECT_EQ(shown(made, "coherence.licence"), "3s (line 2)");
  EXPECT_EQ(shown(made, "coherence.grace"), "8s (environment CTXCACHE_COHERENCE_GRACE)");
  EXPECT_EQ(shown(made, "coherence.own_loads"), "1m (flag --coherence-own-loads)");
  EXPECT_EQ(shown(made, "coherence.consistency"), "strict (flag --coherence-consistency)");
}

TEST_F(coherence, mistakes_have_their_place_and_the_nearest_name) {
  from_.variables = {{"CTXCACHE_COHERENCE_LICENSE", "1s"}, {"CTXCACHE_COHERENCE_POLL", "soon"}};
  from_.flags = {{"--coherence-license", "1s"}};
  const auto made = from_file(R"("coherence.licence" = "2s"
[coherence]
license = "2s"
grace = true
consistency = "strickt"
l1_cache_ttl = "1s"
)");
  EXPECT_THAT(texts(made.errors),
              ElementsAre("1:1: unknown key \"coherence.licence\"",
                          "3:1: unknown key \"license\"; did you mean \"licence\"?",
                          "4:9: coherence.grace: expected a duration such as \"500ms\", \"30s\" or \"5m\", "
                          "or a whole number of seconds, got true or false",
                          "5:15: coherence.consistency: expected one of \"bounded\", \"strict\", got "
                          "\"strickt\"; did you mean \"strict\"?",
                          "6:1: unknown key \"l1_cache_ttl\"",
                          "environment CTXCACHE_COHERENCE_POLL: expected a duration such as "
                          "\"500ms\", \"30s\" or \"5m\", or a whole number of seconds, got \"soon\"",
                          "flag --coherence-license: is not a setting; did you mean "
                          "\"--coherence-licence\"?"));
  EXPECT_THAT(texts(made.warnings),
              ElementsAre("environment CTXCACHE_COHERENCE_LICENSE: is not a setting; did you mean "
                          "\"CTXCACHE_COHERENCE_LICENCE\"?"));
}

TEST_F(coherence, is_one_table) {
  EXPECT_THAT(texts(from_file("coherence = 1\n").errors), ElementsAre("1:1: expected a table [coherence]"));
  EXPECT_THAT(texts(from_file("[[coherence]]\nlicence = \"2s\"\n").errors),
              ElementsAre("1:3: expected a table [coherence]"));
  EXPECT_THAT(texts(from_file("[coherance]\n").errors),
              ElementsAre("1:2: unknown table \"coherance\"; did you mean \"coherence\"?"));
}

TEST_F(coherence, both_sides_of_each_bound) {
  struct {
    std::string key, too_little, least, most, too_much, complaint_low, complaint_high;
  } const rows[] = {
      {"licence", "\"99ms\"", "\"100ms\"", "\"1m\"", "\"60001ms\"", "100ms", "1m"},
      {"grace", "-1", "0", "\"10m\"", "601", "0s", "10m"},
      {"own_loads", "-1", "0", "\"1h\"", "3601", "0s", "1h"},
      {"replicas", "-1", "0", "16", "17", "0", "16"},
      {"log_max_messages", "999", "1000", "10000000", "10000001", "1000", "10000000"},
      {"table_slots", "512", "1024", "67108864", "134217728", "1024", "67108864"},
      {"poll", "-1", "0", "\"1m\"", "61", "0s", "1m"},
      {"journal_max_bytes", "65535", "\"64KiB\"", "\"1GiB\"", "1073741825", "64KiB", "1GiB"},
  };
  for (const auto& one : rows) {
    const auto subject = "coherence." + one.key + ": must be at ";
    EXPECT_EQ(wrong_with(one.key + " = " + one.too_little), subject + "least " + one.complaint_low);
    EXPECT_EQ(wrong_with(one.key + " = " + one.least), "") << one.key;
    EXPECT_EQ(wrong_with(one.key + " = " + one.most), "") << one.key;
    EXPECT_EQ(wrong_with(one.key + " = " + one.too_much), subject + "most " + one.complaint_high);
  }
}

TEST_F(coherence, table_slots_are_a_power_of_two) {
  EXPECT_EQ(wrong_with("table_slots = 1000000"),
            "coherence.table_slots: must be a power of two such as 1048576, got 1000000");
}

// Else what a load is allowed to take would never be kept.
TEST_F(coherence, load_deadline_is_no_shorter_than_load_timeout) {
  EXPECT_TRUE(from_file("load_timeout = \"10s\"\n").ok());
  EXPECT_THAT(texts(from_file("load_timeout = \"11s\"\n").errors),
              ElementsAre("1:16: coherence.load_deadline, 10s, must not be shorter than load_timeout, 11s: "
                          "what takes longer to load is not kept"));
  EXPECT_TRUE(from_file("coherence.load_deadline = \"2s\"\n").ok());
  EXPECT_THAT(texts(from_file("coherence.load_deadline = \"1s\"\n").errors),
              ElementsAre("1:27: coherence.load_deadline, 1s, must not be shorter than load_timeout, 2s: "
                          "what takes longer to load is not kept"));
  EXPECT_TRUE(from_file("load_timeout = \"11s\"\nenable_l2_cache = false\n").ok());
}

TEST_F(coherence, rare_polls_are_a_warning) {
  EXPECT_THAT(texts(from_file("coherence.poll = \"1s\"\n").warnings), IsEmpty());
  EXPECT_THAT(texts(from_file("coherence.poll = \"1001ms\"\n").warnings),
              ElementsAre("1:18: coherence.poll: 1001ms is more than half of coherence.licence, 2s: while "
                          "there are invalidations, licences end before their successors begin"));
}

TEST_F(coherence, a_licence_that_replicas_cannot_keep_up_with_is_a_warning) {
  EXPECT_THAT(from_file("coherence.licence = \"399ms\"\ncoherence.replicas = 1\n").warnings, SizeIs(1));
  EXPECT_THAT(from_file("coherence.licence = \"400ms\"\ncoherence.replicas = 1\n").warnings, IsEmpty());
  EXPECT_THAT(from_file("coherence.licence = \"399ms\"\n").warnings, IsEmpty());
}

TEST_F(coherence, does_little_without_the_shared_tier) {
  EXPECT_THAT(texts(from_file("enable_l2_cache = false\ncoherence.table_slots = 2048\n").warnings),
              IsEmpty());
  const auto made = from_file("enable_l2_cache = false\n[coherence]\ngrace = 0\npoll = \"1m\"\n");
  EXPECT_TRUE(made.ok());
  EXPECT_THAT(
      texts(made.warnings),
      ElementsAre("3:9: of [coherence] only table_slots does anything while enable_l2_cache is false"));
  from_.variables = {{"CTXCACHE_COHERENCE_POLL", "1s"}};
  EXPECT_THAT(
      texts(from_file("enable_l2_cache = false\n").warnings),
      ElementsAre("environment CTXCACHE_COHERENCE_POLL: of [coherence] only table_slots does anything "
                  "while enable_l2_cache is false"));
}

TEST_F(coherence, takes_effect_at_the_next_start) {
  const config::daemon_config running;
  auto wanted = running;
  wanted.fleet.constants.licence = 1s;
  wanted.fleet.strict = true;
  wanted.log_poll = 1s;
  EXPECT_THAT(config::needing_restart(running, wanted),
              ElementsAre("coherence.licence", "coherence.consistency", "coherence.poll"));
  for (const auto& one : config::settings()) {
    if (config::table_of(one) != "coherence") continue;
    EXPECT_FALSE(one.reloadable) << one.name;
  }
}
