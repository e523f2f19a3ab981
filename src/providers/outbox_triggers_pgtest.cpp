// What the triggers of model/outbox_sql write down, on a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/pg_outbox_fixture.hpp"

namespace ctxcache::providers {
namespace {

using outbox_triggers = pg_outbox_fixture;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

}  // namespace

TEST_F(outbox_triggers, tell_each_kind_of_change) {
  server->run("insert into customers values ('a')");
  EXPECT_THAT(taken(), ElementsAre("a"));
  server->run("update customers set name = 'x'");
  EXPECT_THAT(taken(), ElementsAre("a"));
  server->run("update customers set id = 'b'");
  EXPECT_THAT(taken(), ElementsAre("a", "b"));
  server->run("delete from customers");
  EXPECT_THAT(taken(), ElementsAre("b"));
  server->run("truncate customers");
  EXPECT_THAT(taken(), ElementsAre("ctxcache.table_truncated"));
}

TEST_F(outbox_triggers, tell_a_truncated_table_as_a_change_of_everything) {
  server->run("truncate tickets");
  EXPECT_THAT(next()->changes[0].document,
              HasSubstr(R"("everything":true,"table":"public.tickets","op":"truncate","n":1})"));
}

TEST_F(outbox_triggers, tell_nothing_of_rows_that_stay_as_they_were_or_have_no_customer) {
  server->run("insert into customers values ('a', 'x', '{}')");
  EXPECT_THAT(taken(), ElementsAre("a"));
  server->run("update customers set name = 'x', document = '{}'");
  server->run("insert into tickets values (1, null)");
  server->run("update tickets set title = 'x'");
  server->run("update customers set name = 'y' where false");
  EXPECT_THAT(taken(), IsEmpty());
  server->run("update tickets set customer_id = 'b'");
  EXPECT_THAT(taken(), ElementsAre("b"));
}

TEST_F(outbox_triggers, tell_of_partitions_that_are_written_directly) {
  server->run(
      "create table calls (caller bigint, callee bigint, at int) partition by range (at);"
      "create table calls_1 partition of calls for values from (1) to (10)");
  server->run(install_outbox_sql("public", {{.name = "calls", .customer_columns = {"caller", "callee"}}}));
  server->run("insert into calls_1 values (7, 8, 1)");
  EXPECT_THAT(taken(), UnorderedElementsAre("7", "8"));
}

TEST_F(outbox_triggers, need_no_rights_of_those_who_write) {
  server->run(
      "drop role if exists clerk; create role clerk; grant insert on customers to clerk;"
      "grant usage on schema public to clerk");
  server->run("set role clerk; insert into customers values ('a')");
  EXPECT_THAT(taken(), ElementsAre("a"));
  EXPECT_EQ(server->query("select has_function_privilege('clerk', 'ctxcache_truncated()', 'execute')"), "f");
  server->run("drop owned by clerk; drop role clerk");
}

TEST_F(outbox_triggers, are_installed_again_and_removed_without_a_trace) {
  const auto traces = [] {
    return server->query(
        "select (select count(*) from pg_trigger where tgname like 'ctxcache%') || ' ' || "
        "(select count(*) from pg_proc where proname like 'ctxcache%') || ' ' || "
        "(select count(*) from pg_class where relname like 'ctxcache%')");
  };
  const auto before = traces();
  server->run(install_outbox_sql("public", {{.name = "customers", .customer_columns = {"id"}},
                                            {.name = "tickets", .customer_columns = {"customer_id"}}}));
  EXPECT_EQ(traces(), before);
  EXPECT_NE(before, "0 0 0");
  server->run(uninstall_outbox_sql("public"));
  EXPECT_EQ(traces(), "0 0 0");
  server->run(uninstall_outbox_sql("public"));
}

TEST_F(outbox_triggers, take_names_that_must_be_quoted) {
  server->run(R"(create schema if not exists "my ""crm"; create table "my ""crm"."Or'der" ("Whose" uuid))");
  server->run(install_outbox_sql("public",
                                 {{.schema = "my \"crm", .name = "Or'der", .customer_columns = {"Whose"}}}));
  server->run(R"(insert into "my ""crm"."Or'der" values ('00000000-0000-0000-0000-00000000000a'))");
  EXPECT_THAT(taken(), ElementsAre("00000000-0000-0000-0000-00000000000a"));
  server->run(R"(drop schema "my ""crm" cascade)");
}

TEST_F(outbox_triggers, can_be_chosen_by_the_tables_that_queries_read) {
  const auto listed = server->query(tables_read_sql(
      {{"profile", "select * from customers where id = $1"},
       {"open tickets", "with t as (select title from tickets where customer_id = $1) select * from t;"}}));
  EXPECT_EQ(listed, "open tickets|tickets|customer_id, title\nprofile|customers|id, name, document");
}

}  // namespace ctxcache::providers
