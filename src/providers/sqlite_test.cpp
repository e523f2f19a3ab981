#include "providers/sqlite.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "support/child_process.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A connection that writes, beside the provider.
class writer {
 public:
  explicit writer(const std::string& path) {
    if (sqlite3_open(path.c_str(), &open_) != SQLITE_OK) throw std::runtime_error{"sqlite3_open"};
  }
  ~writer() { sqlite3_close(open_); }
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  void run(const char* sql) {
    if (sqlite3_exec(open_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error{sqlite3_errmsg(open_)};
  }

 private:
  sqlite3* open_ = nullptr;
};

struct sqlite_fixture : testing::Test {
  asio::io_context loop;
  test::temporary_folder folder;
  std::string path = folder.path() + "/crm.db";
  std::shared_ptr<provider> crm = make_sqlite(loop.get_executor(), {.name = "crm", .path = path});

  ~sqlite_fixture() override { test::run_coroutine(loop, crm->stop()); }

  result<section_answer> ask(const section_query& query, const key_ids& ids = {"cust_1", "support"}) {
    return test::run_coroutine(loop, crm->ask(query, *key::make(ids), {}));
  }
  std::string json(std::string sql, section_shape shape = section_shape::object) {
    const auto got = ask({.name = "s", .text = std::move(sql), .shape = shape});
    return got ? got->json : got.error().message();
  }
};
using sqlite_provider = sqlite_fixture;

const section_query one{.name = "one", .text = "select 1 as n"};

}  // namespace

TEST_F(sqlite_provider, writes_every_type_as_json) {
  writer{path}.run(
      "create table t (i integer, r real, whole real, s text, n text, b blob, yes boolean, no bool, j json);"
      "insert into t values (-42, 99.5, 100, 'a\"b\n', null, x'00ff', 1, 0, '{ \"k\": [1, 2] }')");
  EXPECT_EQ(json("select * from t"),
            R"({"i":-42,"r":99.5,"whole":100,"s":"a\"b\n","n":null,"b":"\\x00ff","yes":true,"no":false,)"
            R"("j":{"k":[1,2]}})");
}

TEST_F(sqlite_provider, answers_in_each_shape) {
  writer{path}.run("create table t (n integer); insert into t values (1), (2)");
  EXPECT_EQ(json("select n from t order by n desc;"), R"({"n":2})");
  EXPECT_EQ(json("select n from t order by n", section_shape::rows), R"([{"n":1},{"n":2}])");
  EXPECT_EQ(json("select n from t order by n", section_shape::value), "1");
}

TEST_F(sqlite_provider, no_row_is_empty_and_a_null_value_is_not) {
  writer{path}.run("create table t (n integer)");
  const auto object = ask({.name = "o", .text = "select n from t"});
  EXPECT_TRUE(object->empty);
  EXPECT_EQ(object->json, "null");
  const auto rows = ask({.name = "r", .text = "select n from t", .shape = section_shape::rows});
  EXPECT_TRUE(rows->empty);
  EXPECT_EQ(rows->json, "[]");
  const auto value = ask({.name = "v", .text = "select null", .shape = section_shape::value});
  EXPECT_FALSE(value->empty);
  EXPECT_EQ(value->json, "null");
}

TEST_F(sqlite_provider, binds_the_customer_and_the_conversation) {
  writer{path}.run("create table t (n)");
  const section_query both{.name = "both", .text = "select $2 as v, $1 as c"};
  EXPECT_EQ(ask(both, {"c", "support", "v"})->json, R"({"v":"v","c":"c"})");
  EXPECT_EQ(ask(both, {"c", "support"})->json, R"({"v":null,"c":"c"})");
}

TEST_F(sqlite_provider, refuses_parameters_that_it_does_not_know) {
  writer{path}.run("create table t (n)");
  EXPECT_EQ(ask({.name = "p", .text = "select $3"}).error(), errc::provider_failed);
  EXPECT_EQ(ask({.name = "p", .text = "select ?"}).error(), errc::provider_failed);
}

TEST_F(sqlite_provider, sees_what_was_written_since) {
  writer db{path};
  db.run("create table t (n integer); insert into t values (1)");
  EXPECT_EQ(json("select n from t"), R"({"n":1})");
  db.run("update t set n = 2");
  EXPECT_EQ(json("select n from t"), R"({"n":2})");
  db.run("alter table t add column more text");
  EXPECT_EQ(json("select * from t"), R"({"n":2,"more":null})");
}

TEST_F(sqlite_provider, missing_file_is_unavailable_until_it_appears) {
  EXPECT_EQ(ask(one).error(), errc::provider_unavailable);
  EXPECT_FALSE(crm->report().up);
  EXPECT_FALSE(std::filesystem::exists(path));
  writer{path}.run("create table t (n)");
  EXPECT_TRUE(ask(one));
  EXPECT_TRUE(crm->report().up);
}

TEST_F(sqlite_provider, locked_file_is_unavailable_after_the_timeout) {
  writer db{path};
  db.run("create table t (n); begin exclusive");
  const section_query query{.name = "q", .text = "select n from t", .timeout = 30ms};
  EXPECT_EQ(ask(query).error(), errc::provider_unavailable);
  db.run("commit");
  EXPECT_TRUE(ask(query));
}

TEST_F(sqlite_provider, file_that_is_no_database_has_failed_until_it_is_one) {
  std::ofstream{path} << std::string(4096, 'x');
  EXPECT_EQ(ask({.name = "q", .text = "select * from t"}).error(), errc::provider_failed);
  std::filesystem::remove(path);
  writer{path}.run("create table t (n)");
  EXPECT_TRUE(ask({.name = "q", .text = "select * from t"}));
}

TEST_F(sqlite_provider, never_writes) {
  writer{path}.run("create table t (n)");
  EXPECT_EQ(ask({.name = "w", .text = "insert into t values ($1) returning n"}).error(),
            errc::provider_failed);
  EXPECT_TRUE(ask({.name = "r", .text = "select n from t"})->empty);
}

TEST_F(sqlite_provider, text_that_is_not_json_or_utf_8_fails_its_section) {
  writer{path}.run("create table t (j json, s text); insert into t values ('{', cast(x'ff' as text))");
  EXPECT_EQ(ask({.name = "j", .text = "select j from t"}).error(), errc::provider_failed);
  EXPECT_EQ(ask({.name = "s", .text = "select s from t"}).error(), errc::provider_failed);
}

TEST_F(sqlite_provider, answer_over_its_limit_fails) {
  writer{path}.run("create table t (n)");
  const auto small = make_sqlite(loop.get_executor(), {.name = "s", .path = path, .max_answer_bytes = 100});
  const section_query query{.name = "big", .text = "select hex(zeroblob(100)) as big"};
  EXPECT_EQ(test::run_coroutine(loop, small->ask(query, *key::make({"c", "support"}), {})).error(),
            errc::provider_failed);
  test::run_coroutine(loop, small->stop());
}

TEST(sqlite_options, refuses_those_that_cannot_work) {
  asio::io_context loop;
  EXPECT_THROW(static_cast<void>(make_sqlite(loop.get_executor(), {.name = "a", .path = ""})),
               boost::system::system_error);
  EXPECT_THROW(
      static_cast<void>(make_sqlite(loop.get_executor(), {.name = "a", .path = "x", .max_concurrency = 0})),
      boost::system::system_error);
}

}  // namespace ctxcache::providers
