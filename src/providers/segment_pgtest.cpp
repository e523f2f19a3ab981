#include "providers/segment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <stdexcept>

#include "providers/postgres.hpp"
#include "providers/sqlite.hpp"
#include "support/postgres_server.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The same facts over both databases.
struct segments : testing::TestWithParam<sql_dialect> {
  static void SetUpTestSuite() { server = std::make_unique<test::postgres_server>(); }
  static void TearDownTestSuite() { server.reset(); }
  static inline std::unique_ptr<test::postgres_server> server;

  asio::io_context loop;
  test::temporary_folder folder;
  std::shared_ptr<provider> crm;

  segments() {
    if (GetParam() == sql_dialect::postgres) {
      server->run("drop schema public cascade; create schema public");
      crm = make_postgres(loop.get_executor(), {.name = "crm", .url = server->url()});
    } else {
      crm = make_sqlite(loop.get_executor(), {.name = "crm", .path = folder.path() + "/crm.db"});
    }
  }
  ~segments() override { test::run_coroutine(loop, crm->stop()); }

  void run(const std::string& sql) const {
    if (GetParam() == sql_dialect::postgres) return server->run(sql);
    sqlite3* db = nullptr;
    const bool done = sqlite3_open((folder.path() + "/crm.db").c_str(), &db) == SQLITE_OK &&
                      sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    sqlite3_close(db);
    if (!done) throw std::runtime_error{"SQLite does not take: " + sql};
  }
  [[nodiscard]] static bool over_postgres() { return GetParam() == sql_dialect::postgres; }

  [[nodiscard]] std::shared_ptr<customer_list> make(std::string query, std::size_t page_size = 2) const {
    return make_segment(crm, {.name = "some",
                              .query = std::move(query),
                              .timeout = 10s,
                              .page_size = page_size,
                              .dialect = GetParam()});
  }
  result<customer_list::page> page(const std::shared_ptr<customer_list>& of, std::string after = {}) {
    return test::run_coroutine(loop, of->next(std::move(after), {}));
  }
  // All pages, one behind the other.
  std::vector<std::string> all(const std::shared_ptr<customer_list>& of) {
    std::vector<std::string> ids;
    std::string after;
    do {
      auto got = page(of, after);
      if (!got) {
        ids.push_back(got.error().message());
        return ids;
      }
      EXPECT_TRUE(!got->ids.empty() || got->last.empty());
      ids.insert(ids.end(), got->ids.begin(), got->ids.end());
      after = got->last;
    } while (!after.empty());
    return ids;
  }
  std::vector<std::string> all(std::string query, std::size_t page_size = 2) {
    return all(make(std::move(query), page_size));
  }
};

std::string name_of(const testing::TestParamInfo<sql_dialect>& info) {
  return info.param == sql_dialect::postgres ? "postgres" : "sqlite";
}
INSTANTIATE_TEST_SUITE_P(databases, segments, testing::Values(sql_dialect::postgres, sql_dialect::sqlite),
                         name_of);

}  // namespace

TEST_P(segments, lists_texts_whatever_their_order_is) {
  run("create table c (id text); insert into c values ('a'), ('B'), ('_'), ('é'), ('10'), ('9'), ('a b')");
  for (const std::size_t page_size : {1u, 2u, 3u, 7u, 8u})
    EXPECT_THAT(all("select id from c", page_size),
                UnorderedElementsAre("a", "B", "_", "é", "10", "9", "a b"));
}

TEST_P(segments, lists_texts_of_another_collation) {
  run(over_postgres() ? "create table c (id text collate \"en-x-icu\")"
                      : "create table c (id text collate nocase)");
  run("insert into c values ('a'), ('B'), ('_'), ('é'), ('c'), ('-x')");
  EXPECT_THAT(all("select id from c"), UnorderedElementsAre("a", "B", "_", "é", "c", "-x"));
}

TEST_P(segments, lists_whole_numbers_in_the_order_of_numbers) {
  run("create table c (id bigint primary key); insert into c values (9), (10), (-1), (9007199254740993)");
  EXPECT_THAT(all("select id from c"), ElementsAre("-1", "9", "10", "9007199254740993"));
}

TEST_P(segments, lists_numbers_that_no_column_declares) {
  run("create table c (id bigint); insert into c values (9), (10), (11), (100)");
  EXPECT_THAT(all("select abs(id) + 0 from c"), ElementsAre("9", "10", "11", "100"));
}

TEST_P(segments, lists_numbers_and_texts_that_stand_in_one_column) {
  if (over_postgres()) GTEST_SKIP() << "columns of PostgreSQL have one type";
  run("create table c (id); insert into c values (9), ('b'), (10), ('10x'), ('5'), (1.5), (x'00')");
  EXPECT_THAT(all("select id from c"), UnorderedElementsAre("9", "10", "5", "10x", "b"));
}

TEST_P(segments, passes_over_what_cannot_be_an_id) {
  run("create table c (id text); insert into c values (null), (''), ('a'), (null), ('" +
      std::string(128, 'x') + "'), ('" + std::string(129, 'y') + "')");
  EXPECT_THAT(all("select id from c", 1), ElementsAre("a", std::string(128, 'x')));
}

TEST_P(segments, lists_each_customer_once) {
  run("create table t (customer_id text); insert into t values ('a'), ('b'), ('a'), ('a'), ('b'), ('c')");
  for (const std::size_t page_size : {1u, 2u, 3u, 6u})
    EXPECT_THAT(all("select customer_id from t", page_size), ElementsAre("a", "b", "c"));
}

TEST_P(segments, take_queries_as_people_write_them) {
  run("create table c (id text, mrr int); insert into c values ('a', 1), ('b', 2), ('c', 3), ('d', 4)");
  EXPECT_THAT(all("select id from c where mrr > 1 -- not the small ones"), ElementsAre("b", "c", "d"));
  EXPECT_THAT(all("select id from c;\n ; "), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(all("with large as (select id from c where mrr > 2) select id as customer from large"),
              ElementsAre("c", "d"));
  EXPECT_THAT(all("select id from c order by mrr desc limit 3"), ElementsAre("b", "c", "d"));
  EXPECT_THAT(all("select id from c where mrr = 1 union all select id from c where mrr > 2"),
              ElementsAre("a", "c", "d"));
}

TEST_P(segments, that_find_nobody_are_one_empty_page) {
  run("create table c (id text)");
  const auto got = page(make("select id from c"));
  ASSERT_TRUE(got);
  EXPECT_THAT(got->ids, IsEmpty());
  EXPECT_EQ(got->last, "");
}

TEST_P(segments, go_on_from_any_place_and_in_another_process) {
  run("create table c (id bigint); insert into c values (1), (2), (3), (10), (11)");
  const auto second = page(make("select id from c"), page(make("select id from c"))->last);
  ASSERT_TRUE(second);
  EXPECT_THAT(second->ids, ElementsAre("3", "10"));
  run("delete from c where id = 10");
  EXPECT_THAT(page(make("select id from c"), second->last)->ids, ElementsAre("11"));
}

TEST_P(segments, say_what_the_database_says) {
  run("create table c (id text)");
  EXPECT_EQ(page(make("select id from nowhere")).error(), errc::provider_failed);
  EXPECT_THAT(crm->report().detail, testing::HasSubstr("nowhere"));
  EXPECT_THAT(crm->report().detail, testing::HasSubstr("segment some"));
}

TEST_P(segments, refuse_a_place_that_is_none) {
  run("create table c (id text)");
  const auto some = make("select id from c");
  for (const auto* const after : {"t", "x1", "1"})
    EXPECT_EQ(page(some, after).error(), errc::provider_failed);
  EXPECT_EQ(page(some, 't' + std::string(129, 'x')).error(), errc::provider_failed);
}

TEST_P(segments, stream_a_long_list_page_by_page) {
  run("create table c (id text primary key)");
  run("with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) "
      "insert into c select 'cust_' || i from n");
  const auto some = make("select id from c", 5'000);
  std::string after;
  std::string last;
  std::size_t count = 0;
  do {
    const auto got = page(some, after);
    ASSERT_TRUE(got) << got.error().message();
    ASSERT_LE(got->ids.size(), 5'000u);
    after = got->last;
    if (got->ids.empty()) break;
    ASSERT_TRUE(std::ranges::is_sorted(got->ids));
    ASSERT_LT(last, got->ids.front());
    last = got->ids.back();
    count += got->ids.size();
  } while (!after.empty());
  EXPECT_EQ(count, 200'000u);
}

TEST_P(segments, are_refused_when_they_cannot_work) {
  const auto refusal = [&](const std::string& query, std::size_t page_size) -> std::string {
    try {
      const auto made = make(query, page_size);
    } catch (const boost::system::system_error& error) {
      return error.code() == errc::invalid_config ? error.what() : "another error";
    }
    return "";
  };
  EXPECT_THAT(refusal(" ;", 1), testing::StartsWith("segment some: the query is empty"));
  EXPECT_THAT(refusal("select id from c where id = $1", 1), testing::HasSubstr("no parameters"));
  EXPECT_THAT(refusal("select 1", 0), testing::HasSubstr("page size"));
  EXPECT_THAT(refusal("select 1", 5'001), testing::HasSubstr("page size"));
  EXPECT_EQ(refusal("select 1", 5'000), "");
}

TEST(list_of_ids, is_read_by_pages_and_each_id_once) {
  asio::io_context loop;
  const auto some = list_of({"b", "a", "b", "c", "a"}, 2);
  const auto first = test::run_coroutine(loop, some->next("", {}));
  EXPECT_THAT(first->ids, ElementsAre("b", "a"));
  const auto second = test::run_coroutine(loop, some->next(first->last, {}));
  EXPECT_THAT(second->ids, ElementsAre("c"));
  EXPECT_EQ(second->last, "");
  EXPECT_THAT(test::run_coroutine(loop, some->next("7", {}))->ids, IsEmpty());
  EXPECT_EQ(test::run_coroutine(loop, some->next("x", {})).error(), errc::provider_failed);
  EXPECT_THAT(test::run_coroutine(loop, list_of({})->next("", {}))->ids, IsEmpty());
  EXPECT_EQ(test::run_coroutine(loop, list_of({"a", "b"}, 2)->next("", {}))->last, "");
}

}  // namespace ctxcache::providers
