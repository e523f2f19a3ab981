#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <set>
#include <thread>

#include "providers/pg_outbox_fixture.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using pg_outbox = pg_outbox_fixture;

}  // namespace

TEST_F(pg_outbox, gives_a_change_of_another_session_to_who_waits) {
  std::vector<change> came;
  asio::co_spawn(loop, outbox->next({}), [&](const std::exception_ptr&, const auto& got) {
    if (got) came = got->changes;
  });
  const auto listening = [&] {
    loop.run_for(10ms);
    return server->query(
               "select count(*) from pg_stat_activity where query like '%order by n%' "
               "and state = 'idle'") == "1";
  };
  loop.restart();
  ASSERT_TRUE(test::eventually(listening));
  server->run("insert into customers values ('cust_1', 'Zoë')");
  ASSERT_TRUE(test::eventually([&] {
    loop.run_for(10ms);
    return !came.empty();
  }));
  ASSERT_EQ(came.size(), 1u);
  EXPECT_EQ(came[0].type, "ctxcache.row_changed");
  EXPECT_EQ(came[0].source, "postgres:crm");
  EXPECT_THAT(came[0].id, testing::MatchesRegex("outbox:1@[0-9]+\\.[0-9]+"));
  EXPECT_EQ(came[0].document,
            fmt::format(R"({{"type":"ctxcache.row_changed","source":"postgres:crm","id":"{}",)"
                        R"("customer_id":"cust_1","table":"public.customers","op":"insert","n":1}})",
                        came[0].id));
}

TEST_F(pg_outbox, waits_no_longer_than_it_is_told) {
  const auto none = next(10ms);
  ASSERT_TRUE(none) << none.error().message();
  EXPECT_THAT(none->changes, IsEmpty());
}

TEST_F(pg_outbox, looks_without_a_notification_too) {
  options.look_every = 5ms;
  make(options);
  EXPECT_THAT(taken(), IsEmpty());
  bool came = false;
  asio::co_spawn(loop, outbox->next({}),
                 [&](const std::exception_ptr&, const auto& got) { came = got && got->changes.size() == 1; });
  server->run("insert into ctxcache_outbox (customer_id, table_name, op) values ('c', 't', 'update')");
  EXPECT_TRUE(test::eventually([&] {
    loop.restart();
    loop.run_for(10ms);
    return came;
  }));
}

TEST_F(pg_outbox, gives_again_what_is_not_confirmed_and_deletes_what_is) {
  server->run("insert into customers values ('a'), ('b')");
  const auto first = next();
  EXPECT_EQ(first->changes.size(), 2u);
  EXPECT_EQ(next()->upto, first->upto);
  ASSERT_TRUE(confirm(*first));
  EXPECT_EQ(rows(), "0");
  EXPECT_THAT(taken(), IsEmpty());
  ASSERT_TRUE(confirm(*first));  // somebody else may have done it
}

TEST_F(pg_outbox, deletes_the_rows_of_the_batch_and_no_others) {
  server->run("insert into customers values ('a')");
  const auto first = next();
  server->run("insert into customers values ('b')");
  ASSERT_TRUE(confirm(*first));
  EXPECT_THAT(taken(), ElementsAre("b"));
}

TEST_F(pg_outbox, misses_no_transaction_that_commits_after_one_with_higher_numbers) {
  server->run("create table go (n int)");
  std::thread first{[] {
    server->run(
        "begin; insert into customers values ('early'); do $$ begin while not exists (select from go) "
        "loop perform pg_sleep(0.01); end loop; end $$; commit");
  }};
  EXPECT_TRUE(test::eventually([] {
    return server->query("select count(*) from pg_stat_activity where wait_event = 'PgSleep'") == "1";
  }));
  server->run("insert into customers values ('late')");
  EXPECT_THAT(taken(), ElementsAre("late"));
  server->run("insert into go values (1)");
  first.join();
  EXPECT_THAT(taken(), ElementsAre("early"));
}

TEST_F(pg_outbox, has_nothing_of_a_transaction_that_is_rolled_back) {
  server->run("begin; insert into customers values ('a'); rollback");
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(pg_outbox, misses_none_of_a_thousand_changes_while_nobody_listens) {
  std::set<std::string> wanted;
  std::string sql;
  for (int i = 0; i < 1'000; ++i) {
    wanted.insert("cust_" + std::to_string(i));
    sql += "insert into customers values ('cust_" + std::to_string(i) + "');\n";
  }
  server->run(sql);
  server->run("update customers set name = 'x'");
  const auto got = taken();
  EXPECT_EQ(std::set<std::string>(got.begin(), got.end()), wanted);
  EXPECT_EQ(got.size(), 2'000u);
}

TEST_F(pg_outbox, goes_on_after_the_server_was_away) {
  server->run("insert into customers values ('a')");
  EXPECT_THAT(taken(), ElementsAre("a"));
  server->kill();
  EXPECT_EQ(next().error(), errc::provider_unavailable);
  EXPECT_EQ(next().error(), errc::provider_unavailable);
  server->start();
  server->run("insert into customers values ('b')");
  EXPECT_THAT(taken(), ElementsAre("b"));
}

TEST_F(pg_outbox, loses_nothing_when_the_server_goes_before_the_confirmation) {
  server->run("insert into customers values ('a')");
  const auto first = next();
  server->kill();
  EXPECT_FALSE(confirm(*first));
  server->start();
  EXPECT_EQ(next()->upto, first->upto);
}

TEST_F(pg_outbox, says_which_command_makes_the_table) {
  server->run(uninstall_outbox_sql("public"));
  EXPECT_EQ(next().error(), errc::provider_failed);
  server->run(install_outbox_sql("public", {{.name = "customers", .customer_columns = {"id"}}}));
  server->run("insert into customers values ('a')");
  EXPECT_THAT(taken(), ElementsAre("a"));
}

TEST_F(pg_outbox, repeats_no_id_after_its_table_was_made_anew) {
  server->run("insert into customers values ('a')");
  const auto before = next()->changes[0].id;
  server->run(uninstall_outbox_sql("public"));
  server->run(install_outbox_sql("public", {{.name = "customers", .customer_columns = {"id"}}}));
  server->run("insert into customers values ('b')");
  const auto after = next()->changes[0];
  EXPECT_THAT(after.document, HasSubstr("\"n\":1}"));
  EXPECT_NE(after.id, before);
}

TEST_F(pg_outbox, takes_many_changes_of_one_customer_for_one) {
  server->run("insert into tickets select i, 'c' || i % 3, 'x' from generate_series(1, 3000) i");
  const auto first = next();
  EXPECT_EQ(first->changes.size(), 3u);
  ASSERT_TRUE(confirm(*first));
  EXPECT_EQ(rows(), "2000");
  EXPECT_THAT(taken(), UnorderedElementsAre("c0", "c1", "c2", "c0", "c1", "c2"));
}

TEST_F(pg_outbox, carries_ids_as_they_are) {
  server->run(R"(insert into customers values (E'a "quoted" \\ é\n'))");
  EXPECT_THAT(next()->changes[0].document, HasSubstr(R"("customer_id":"a \"quoted\" \\ é\n")"));
}

TEST_F(pg_outbox, ends_a_wait_when_it_is_stopped) {
  EXPECT_THAT(taken(), IsEmpty());
  error_code ended;
  asio::co_spawn(loop, outbox->next({}),
                 [&](const std::exception_ptr&, const auto& got) { ended = got.error(); });
  loop.restart();
  loop.run_for(20ms);
  ASSERT_FALSE(ended);
  test::run_coroutine(loop, outbox->stop());
  loop.restart();
  loop.run();
  EXPECT_EQ(ended, errc::shutting_down);
  EXPECT_EQ(next().error(), errc::shutting_down);
}

TEST_F(pg_outbox, says_where_it_is_without_secrets) {
  options.url = "postgresql://user:secret@127.0.0.1:1/db";
  make(options);
  EXPECT_EQ(outbox->name(), "postgres outbox crm (127.0.0.1/db)");
  EXPECT_EQ(next().error(), errc::provider_unavailable);
  EXPECT_THROW(make({.name = "crm", .url = "no url"}), boost::system::system_error);
}

}  // namespace ctxcache::providers
