#include "config/tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "config/load_fixture.hpp"

namespace config = ctxcache::config;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

class tables : public config::load_fixture {};

constexpr const char* example = R"(profile = "production"
redis_url = "redis://localhost:6379"

[provider.crm]
type = "postgres"
url = "postgresql://ctxcache:${CRM_PASSWORD}@db/crm"
max_concurrency = 16
settle = "500ms"

[provider.tickets]
type = "http"
url = "https://tickets.internal/v2"
headers = { Authorization = "Bearer ${TICKETS_TOKEN}" }

[section.subscription]
provider = "crm"
query = "select plan from subscriptions where customer_id = $1"
shape = "rows"
agent_types = ["support", "billing"]
required = true
timeout = "250ms"

[section.open_tickets]
provider = "tickets"
path = "/customers/{customer_id}/tickets?state=open"
)";

}  // namespace

TEST_F(tables, example_of_the_manual) {
  from_.variables = {{"CRM_PASSWORD", "pw1"}, {"TICKETS_TOKEN", "tk1"}};
  const auto made = from_file(example);
  ASSERT_THAT(texts(made.errors), IsEmpty());
  ASSERT_EQ(made.config.providers.size(), 2u);
  const auto& crm = made.config.providers[0];
  EXPECT_EQ(crm.name, "crm");
  EXPECT_EQ(crm.url, "postgresql://ctxcache:pw1@db/crm");
  EXPECT_EQ(crm.max_concurrency, 16u);
  EXPECT_EQ(crm.settle, 500ms);
  EXPECT_EQ(crm.at.line, 4u);
  const auto& tickets = made.config.providers[1];
  EXPECT_EQ(tickets.type, config::provider_kind::http);
  EXPECT_THAT(tickets.headers,
              ElementsAre(std::pair<std::string, std::string>{"Authorization", "Bearer tk1"}));
  ASSERT_EQ(made.config.sections.size(), 2u);
  const auto& subscription = made.config.sections[0];
  EXPECT_EQ(subscription.name, "subscription");
  EXPECT_EQ(subscription.shape, ctxcache::section_shape::rows);
  EXPECT_TRUE(subscription.required);
  EXPECT_EQ(subscription.timeout, 250ms);
  const auto& open = made.config.sections[1];
  EXPECT_EQ(open.text, "/customers/{customer_id}/tickets?state=open");
  EXPECT_EQ(open.agent_types, made.config.cache.agent_types);
}

TEST_F(tables, never_shows_a_secret) {
  from_.variables = {
      {"CRM_PASSWORD", "canary"}, {"TICKETS_TOKEN", "canary"}, {"CTXCACHE_REDIS_URL", "redis://:canary@r"}};
  const auto made = from_file(example);
  for (const auto& one : made.values) EXPECT_THAT(one.value, testing::Not(HasSubstr("canary"))) << one.name;
  EXPECT_EQ(shown(made, "provider.crm.url"), "postgresql://ctxcache:***@db/crm (line 6)");
  EXPECT_EQ(shown(made, "provider.tickets.headers.Authorization"), "*** (line 13)");
  EXPECT_EQ(shown(made, "redis_url"), "redis://:***@r (environment CTXCACHE_REDIS_URL)");
}

TEST_F(tables, mistakes_in_sections) {
  const auto made = from_file(R"([provider.crm]
type = "sqlite"
url = "x.db"
[section.a]
provider = "crn"
query = "select 1"
[section.b]
provider = "crm"
[section.c]
provider = "crm"
query = "select 1"
path = "/x"
[section.d]
provider = "crm"
path = "/x"
[section.e]
provider = "crm"
query = " "
agent_types = ["suport", "sales", "sales"]
timeuot = 1
)");
  EXPECT_THAT(
      texts(made.errors),
      ElementsAre("5:12: there is no [provider.crn]; did you mean \"crm\"?",
                  "7:10: a section needs a query (for a database) or a path (for HTTP)",
                  "12:8: a section has a query or a path, not both",
                  "15:8: provider \"crm\" is a database: it takes a query, not a path",
                  "18:9: query: must not be empty",
                  "19:16: unknown agent type \"suport\"; did you mean \"support\"?",
                  "19:26: agent type \"sales\" is named twice", "19:35: agent type \"sales\" is named twice",
                  "20:1: unknown key \"timeuot\"; did you mean \"timeout\"?"));
}

TEST_F(tables, mistakes_in_providers) {
  const auto made = from_file(R"([provider.a]
[provider.b]
type = "postgers"
url = "postgresql://x"
[provider.c]
type = "http"
url = "ftp://${NO}"
headers = { "a b" = "x", C = "\n", D = 1 }
[provider.d]
type = "postgres"
url = "mysql://secret"
max_concurrency = 0
ca_file = "x"
[provider."e e"]
type = "http"
url = "https://h/?q"
[section.s]
provider = "b"
path = "x"
)");
  EXPECT_THAT(
      texts(made.errors),
      ElementsAre("1:11: type is missing: \"postgres\", \"http\" or \"sqlite\"", "1:11: url is missing",
                  "3:8: type: expected one of \"postgres\", \"http\", \"sqlite\", got \"postgers\"; did you "
                  "mean \"postgres\"?",
                  "7:7: url: neither NO nor NO_FILE is set in the environment",
                  "8:13: \"a b\" is not a name of a header", "8:30: C: must not hold control characters",
                  "8:40: D: expected a string, got 1",
                  "11:7: url: a postgres provider needs "
                  "postgresql://[user[:password]@][host][:port][/database]",
                  "12:19: max_concurrency: must be at least 1",
                  "13:11: ca_file: only for providers of type \"http\"",
                  "14:11: a name consists of 1 to 48 letters, digits, \"_\" and \"-\"",
                  "16:7: url: must not have a query or a fragment; those belong into the path of a section",
                  "19:8: path: must begin with a single \"/\""));
}

TEST_F(tables, settle_is_a_minute_at_most) {
  const auto error_of = [&](const std::string& value) {
    const auto made = from_file("[provider.a]\ntype = \"sqlite\"\nurl = \"f\"\nsettle = " + value + "\n");
    return made.ok() ? std::string{} : made.errors.front().message;
  };
  EXPECT_EQ(error_of("0"), "");
  EXPECT_EQ(error_of("60"), "");
  EXPECT_EQ(error_of("\"60001ms\""), "settle: must be at most 1m");
  EXPECT_EQ(error_of("-1"), "settle: must be at least 0s");
}

TEST_F(tables, tables_of_the_wrong_form) {
  EXPECT_THAT(texts(from_file("provider = 1\nsection = \"x\"\n").errors),
              ElementsAre("1:1: expected tables [provider.NAME]", "2:1: expected tables [section.NAME]"));
  EXPECT_THAT(texts(from_file("[section]\nx = 1\n[[provider.a]]\n").errors),
              ElementsAre("2:1: expected a table [section.x]", "3:12: expected a table [provider.a]"));
}

TEST_F(tables, example_of_the_page_is_right) {
  std::ifstream file(CTX_CONFIG_PAGE);
  std::ostringstream text;
  text << file.rdbuf();
  const auto page = text.str();
  const auto begin = page.find("```toml\n") + 8;
  from_.variables = {{"CRM_PASSWORD", "x"}, {"TICKETS_TOKEN", "y"}};
  const auto made = from_file(page.substr(begin, page.find("```", begin) - begin));
  EXPECT_THAT(texts(made.errors), IsEmpty());
  EXPECT_EQ(made.config.sections.size(), 2u);
}

TEST_F(tables, paths_the_provider_would_refuse) {
  const auto error_of = [&](const std::string& path) {
    const auto made = from_file(
        "[provider.h]\ntype = \"http\"\nurl = \"http://h\"\n[section.s]\nprovider = \"h\"\n"
        "path = \"" +
        path + "\"\n");
    return made.ok() ? std::string{} : made.errors.front().message;
  };
  EXPECT_EQ(error_of("/a/{customer_id}/{agent_type}?c={conversation_id}"), "");
  EXPECT_EQ(error_of("//evil/x"), "path: must begin with a single \"/\"");
  EXPECT_EQ(error_of("/a#b"), "path: may hold only what a URL can, and no \"#\"");
  EXPECT_EQ(error_of("/a b"), "path: may hold only what a URL can, and no \"#\"");
  EXPECT_EQ(error_of("/{custmer_id}"),
            "path: unknown placeholder \"{custmer_id}\"; did you mean \"{customer_id}\"?");
  EXPECT_EQ(error_of("/{customer_id"),
            "path: unknown placeholder \"{customer_id\"; did you mean \"{customer_id}\"?");
  EXPECT_EQ(error_of("/a}"), "path: \"}\" without its \"{\"");
}
