#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "run_client.hpp"
#include "support/child_process.hpp"

namespace ctxcache::client {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct install_triggers_verb : testing::Test {
  test::temporary_folder folder;
  const std::string file = folder.path() + "/ctxcache.toml";

  void configure(const std::string& text) const { std::ofstream{file} << text; }
  static std::string provider(const std::string& name) {
    return "[provider." + name + "]\ntype = \"postgres\"\nurl = \"postgresql://127.0.0.1/" + name + "\"\n";
  }
  static std::string section(const std::string& name, const std::string& of, const std::string& query) {
    return "[section." + name + "]\nprovider = \"" + of + "\"\nquery = \"" + query + "\"\n";
  }
};

}  // namespace

TEST_F(install_triggers_verb, prints_sql_for_each_table) {
  const auto done = run_client({"install-triggers", "--table", "customers:id", "--table",
                                "crm.calls:caller,callee", "--schema", "cache"});
  EXPECT_EQ(done.code, exit_code::ok) << done.err;
  EXPECT_THAT(done.out, StartsWith("begin;\n"));
  EXPECT_THAT(done.out, EndsWith("commit;\n"));
  EXPECT_THAT(done.out, HasSubstr("create table if not exists \"cache\".\"ctxcache_outbox\""));
  EXPECT_THAT(done.out, HasSubstr("on \"public\".\"customers\""));
  EXPECT_THAT(done.out, HasSubstr("new.\"callee\"::text"));
  EXPECT_EQ(done.err, "");
}

TEST_F(install_triggers_verb, prints_how_to_take_it_away) {
  const auto done = run_client({"install-triggers", "--uninstall"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(done.out, HasSubstr("drop table if exists \"public\".\"ctxcache_outbox\""));
}

TEST_F(install_triggers_verb, refuses_what_it_cannot_mean) {
  for (const auto& words : std::vector<std::vector<std::string>>{{},
                                                                 {"--table", "customers"},
                                                                 {"--table", ""},
                                                                 {"--table", "a.b.c:id"},
                                                                 {"--table", "customers:id", "--uninstall"},
                                                                 {"--uninstall", "--provider", "crm"}}) {
    auto all = words;
    all.insert(all.begin(), "install-triggers");
    const auto done = run_client(all);
    EXPECT_EQ(done.code, exit_code::usage) << testing::PrintToString(words);
    EXPECT_EQ(done.out, "") << testing::PrintToString(words);
    EXPECT_NE(done.err, "") << testing::PrintToString(words);
  }
}

TEST_F(install_triggers_verb, asks_for_the_tables_of_the_providers_sections) {
  configure(provider("crm") + "[provider.files]\ntype = \"sqlite\"\nurl = \"crm.db\"\n" +
            section("profile", "crm", "select * from customers where id = $1") +
            section("notes", "files", "select * from notes where id = $1"));
  const auto done = run_client({"install-triggers", "--derive", file});
  EXPECT_EQ(done.code, exit_code::ok) << done.err;
  EXPECT_THAT(done.out, HasSubstr("select * from customers where id = null"));
  EXPECT_THAT(done.out, Not(HasSubstr("notes")));
}

TEST_F(install_triggers_verb, has_one_of_several_providers_chosen) {
  configure(provider("crm") + provider("billing") + section("invoices", "billing", "select * from invoices"));
  const auto unsure = run_client({"install-triggers", "--derive", file});
  EXPECT_EQ(unsure.code, exit_code::usage);
  EXPECT_THAT(unsure.err, HasSubstr("crm, billing"));
  EXPECT_THAT(run_client({"install-triggers", "--derive", file, "--provider", "billing"}).out,
              HasSubstr("select * from invoices"));
  EXPECT_EQ(run_client({"install-triggers", "--derive", file, "--provider", "x"}).code, exit_code::failure);
  EXPECT_EQ(run_client({"install-triggers", "--derive", file + ".missing"}).code, exit_code::failure);
}

}  // namespace ctxcache::client
