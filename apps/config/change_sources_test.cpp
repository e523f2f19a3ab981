#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load_fixture.hpp"

namespace config = ctxcache::config;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

class change_sources : public config::load_fixture {
 protected:
  config::loaded with(const std::string& lines) {
    return from_file(
        "[provider.crm]\ntype = \"postgres\"\nurl = \"postgresql://h/crm\"\n"
        "[provider.file]\ntype = \"sqlite\"\nurl = \"x.db\"\n" +
        lines);
  }
};

}  // namespace

TEST_F(change_sources, every_key_reaches_its_place) {
  const auto made = with(R"([source.outbox]
type = "postgres_outbox"
provider = "crm"
[source.watch]
type = "sqlite_watch"
provider = "file"
[source.orders]
type = "redis_stream"
stream = "orders"
[source.others]
type = "redis_stream"
stream = "others"
group = "cache"
)");
  ASSERT_THAT(texts(made.errors), IsEmpty());
  const auto& all = made.config.change_sources;
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].name, "outbox");
  EXPECT_EQ(all[0].type, config::source_kind::postgres_outbox);
  EXPECT_EQ(all[0].provider, "crm");
  EXPECT_EQ(all[0].at.line, 7u);
  EXPECT_EQ(all[1].type, config::source_kind::sqlite_watch);
  EXPECT_EQ(all[1].provider, "file");
  EXPECT_EQ(all[2].type, config::source_kind::redis_stream);
  EXPECT_EQ(all[2].stream, "orders");
  EXPECT_EQ(all[2].group, "ctxcache");
  EXPECT_EQ(all[3].group, "cache");
  EXPECT_EQ(shown(made, "source.outbox.provider"), "crm (line 9)");
  EXPECT_EQ(shown(made, "source.orders.group"), "ctxcache (default)");
}

TEST_F(change_sources, mistakes) {
  const auto made = with(R"([source.a]
provider = "crm"
stream = "x"
[source.b]
type = "postgres_outbox"
provider = "file"
[source.c]
type = "sqlite_watch"
provider = "crm"
stream = "x"
group = "y"
[source.d]
type = "redis_stream"
provider = "crm"
group = ""
[source.e]
type = "redis_strem"
[source.f]
type = "postgres_outbox"
[source.g]
type = "sqlite_watch"
provider = "fil"
gruop = "x"
)");
  EXPECT_THAT(
      texts(made.errors),
      ElementsAre("7:9: type is missing: \"postgres_outbox\", \"sqlite_watch\" or \"redis_stream\"",
                  "12:12: a source of type \"postgres_outbox\" needs a provider of type \"postgres\", which "
                  "\"file\" is "
                  "not",
                  "15:12: a source of type \"sqlite_watch\" needs a provider of type \"sqlite\", which "
                  "\"crm\" is not",
                  "16:10: stream: not for sources of type \"sqlite_watch\"",
                  "17:9: group: not for sources of type \"sqlite_watch\"", "18:9: stream is missing",
                  "20:12: provider: not for sources of type \"redis_stream\"",
                  "21:9: group: must not be empty",
                  "23:8: type: expected one of \"postgres_outbox\", \"sqlite_watch\", \"redis_stream\", got "
                  "\"redis_strem\"; did you mean \"redis_stream\"?",
                  "24:9: provider is missing", "28:12: there is no [provider.fil]; did you mean \"file\"?",
                  "29:1: unknown key \"gruop\"; did you mean \"group\"?"));
}

TEST_F(change_sources, events_that_no_rule_is_for_are_told) {
  const std::string sources =
      "[source.outbox]\ntype = \"postgres_outbox\"\nprovider = \"crm\"\n"
      "[source.watch]\ntype = \"sqlite_watch\"\nprovider = \"file\"\n";
  const std::string own = "[event.\"ctxcache.row_*\"]\n[intake]\ndefault_rules = ";
  EXPECT_THAT(texts(with(sources + own + "true\n").warnings), IsEmpty());
  EXPECT_THAT(texts(with(sources + own + "false\n").warnings),
              ElementsAre("10:9: its events are ignored: without intake.default_rules, no [event] is for "
                          "\"ctxcache.database_changed\""));
}
