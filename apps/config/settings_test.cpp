#include "config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "config/load.hpp"
#include "config/settings_page.hpp"

namespace config = ctxcache::config;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(settings, have_names_of_their_own) {
  std::set<std::string> names;
  for (const auto& one : config::settings()) {
    EXPECT_TRUE(names.insert(config::environment_name(one)).second) << one.name;
    EXPECT_TRUE(names.insert(config::flag_name(one)).second) << one.name;
  }
}

TEST(settings, carry_the_names_of_every_source) {
  const auto& ttl = *config::find_setting("l1_cache_ttl");
  EXPECT_EQ(config::environment_name(ttl), "CTXCACHE_L1_CACHE_TTL");
  EXPECT_EQ(config::flag_name(ttl), "--l1-cache-ttl");
  EXPECT_EQ(config::table_of(ttl), "");
  EXPECT_EQ(config::key_of(ttl), "l1_cache_ttl");
  const auto& licence = *config::find_setting("coherence.licence");
  EXPECT_EQ(config::environment_name(licence), "CTXCACHE_COHERENCE_LICENCE");
  EXPECT_EQ(config::flag_name(licence), "--coherence-licence");
  EXPECT_EQ(config::table_of(licence), "coherence");
  EXPECT_EQ(config::key_of(licence), "licence");
  EXPECT_EQ(config::find_setting("l1-cache-ttl"), nullptr);
}

// Every setting can be set to what is shown of it, and the defaults keep their own limits.
TEST(settings, defaults_are_possible_values) {
  const config::daemon_config defaults;
  for (const auto& one : config::settings()) {
    const auto text = config::show(defaults, one);
    if (text.empty()) continue;
    config::daemon_config config;
    const auto wrong = config::assign(config, one, config::from_text(one, text, {}));
    EXPECT_FALSE(wrong) << one.name << ": " << wrong->text();
    EXPECT_FALSE(config::differs(config, defaults, one)) << one.name;
  }
}

TEST(settings, page_shows_this_table) {
  std::ifstream file(CTX_CONFIG_PAGE);
  std::ostringstream page;
  page << file.rdbuf();
  EXPECT_THAT(page.str(), HasSubstr("<!-- settings -->\n" + config::settings_page() + "<!-- end -->"));
}

TEST(reload, tells_what_needs_a_restart) {
  const config::daemon_config running;
  config::daemon_config wanted;
  EXPECT_THAT(config::needing_restart(running, wanted), ElementsAre());
  wanted.cache.l1_cache_ttl = std::chrono::seconds{1};
  wanted.log_level = "debug";
  EXPECT_THAT(config::needing_restart(running, wanted), ElementsAre());
  wanted.threads = 3;
  wanted.cache.agent_types = {"support"};
  wanted.providers.push_back({.name = "crm", .at = {"f", 1, 1}});
  EXPECT_THAT(config::needing_restart(running, wanted), ElementsAre("agent_types", "threads", "provider"));
  wanted = running;
  wanted.segments.push_back({.name = "s"});
  wanted.event_rules.push_back({.type = "t"});
  wanted.schedules.push_back({.name = "s"});
  wanted.signatures.push_back({.name = "s"});
  wanted.change_sources.push_back({.name = "s"});
  EXPECT_THAT(config::needing_restart(running, wanted),
              ElementsAre("segment", "event", "schedule", "signature", "source"));
}
