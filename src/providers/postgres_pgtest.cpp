#include "providers/postgres.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <vector>

#include "support/postgres_server.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct postgres_fixture : testing::Test {
  static void SetUpTestSuite() { server = std::make_unique<test::postgres_server>(); }
  static void TearDownTestSuite() { server.reset(); }
  static inline std::unique_ptr<test::postgres_server> server;

  asio::io_context loop;
  postgres_options options{.name = "crm", .url = server->url()};
  std::shared_ptr<provider> crm = make_postgres(loop.get_executor(), options);

  ~postgres_fixture() override { test::run_coroutine(loop, crm->stop()); }

  result<section_answer> ask(const section_query& query, const key_ids& ids = {"cust_1", "support"}) {
    return test::run_coroutine(loop, crm->ask(query, *key::make(ids), {}));
  }
  static section_query query(std::string sql, section_shape shape = section_shape::object) {
    return {.name = "s", .text = std::move(sql), .shape = shape, .timeout = 10s};
  }
  std::string json(std::string sql, section_shape shape = section_shape::object) {
    const auto got = ask(query(std::move(sql), shape));
    return got ? got->json : got.error().message();
  }
  // Makes a provider whose connections `connections` can tell from those of other tests.
  void make_named() {
    options.url = server->url() + "?application_name=" + name();
    crm = make_postgres(loop.get_executor(), options);
  }
  static std::string name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }
  static std::string connections() {
    // The server keeps 63 bytes of a name.
    return server->query("select count(*) from pg_stat_activity where application_name = '" + name() +
                         "'::name::text");
  }
  // Starts as many calls at once and returns when all have ended.
  std::vector<result<section_answer>> ask_at_once(const section_query& what, std::size_t times) {
    std::vector<result<section_answer>> answers;
    for (std::size_t i = 0; i < times; ++i)
      asio::co_spawn(loop, crm->ask(what, *key::make({"c", "support"}), {}),
                     [&](const std::exception_ptr&, result<section_answer> got) { answers.push_back(got); });
    loop.restart();
    while (answers.size() < times) loop.run_one();
    return answers;
  }
};
using postgres_provider = postgres_fixture;

}  // namespace

TEST_F(postgres_provider, answers_in_each_shape) {
  const std::string rows = "select * from (values (2, 'b'), (1, 'a')) t(n, s) order by n;";
  EXPECT_EQ(json(rows), R"({"n":1,"s":"a"})");
  EXPECT_EQ(json(rows, section_shape::rows), R"([{"n":1,"s":"a"},{"n":2,"s":"b"}])");
  EXPECT_EQ(json(rows, section_shape::value), "1");
  EXPECT_EQ(json("select 1 as n -- a comment at the end"), R"({"n":1})");
}

TEST_F(postgres_provider, no_row_is_empty_and_a_null_value_is_not) {
  EXPECT_TRUE(ask(query("select 1 where false"))->empty);
  EXPECT_EQ(json("select 1 where false"), "null");
  EXPECT_TRUE(ask(query("select 1 where false", section_shape::rows))->empty);
  EXPECT_EQ(json("select 1 where false", section_shape::rows), "[]");
  EXPECT_FALSE(ask(query("select null::int", section_shape::value))->empty);
  EXPECT_EQ(json("select null::int", section_shape::value), "null");
}

TEST_F(postgres_provider, infers_the_types_of_the_parameters_that_are_used) {
  const key_ids ids{"7", "support", "v"};
  EXPECT_EQ(ask(query("select 1 as a"), ids)->json, R"({"a":1})");
  EXPECT_EQ(ask(query("select n from generate_series(1, 9) n where n = $1"), ids)->json, R"({"n":7})");
  EXPECT_EQ(ask(query("select $2::text as v"), ids)->json, R"({"v":"v"})");
  EXPECT_EQ(ask(query("select $1::text as c, $2::text as v"), ids)->json, R"({"c":"7","v":"v"})");
  EXPECT_EQ(ask(query("select $1::text as c, $2::text as v"), {"7", "support"})->json,
            R"({"c":"7","v":null})");
}

TEST_F(postgres_provider, hostile_ids_are_bound_and_never_spliced) {
  for (const std::string id :
       {"'", "\"", ";", "$1", "$$", "\\", "'; drop table x; --", "é😀", "%s", "\x01\n\t", "' or '1'='1"}) {
    const auto echoed = ask(query("select encode(convert_to($1, 'UTF8'), 'hex') as hex"), {id, "support"});
    ASSERT_TRUE(echoed) << id;
    std::string hex;
    for (const unsigned char byte : id) {
      hex += "0123456789abcdef"[byte >> 4];
      hex += "0123456789abcdef"[byte & 15];
    }
    EXPECT_EQ(echoed->json, "{\"hex\":\"" + hex + "\"}");
  }
}

TEST_F(postgres_provider, id_with_a_nul_byte_is_nobody_rather_than_its_beginning) {
  const auto echo = query("select $1::text as id");
  ASSERT_TRUE(ask(echo, {"cust_1", "support"}));
  EXPECT_TRUE(ask(echo, {std::string_view{"cust_1\0", 7}, "support"})->empty);
  EXPECT_TRUE(ask(echo, {"cust_1", "support", std::string_view{"a\0b", 3}})->empty);
}

TEST_F(postgres_provider, wrong_query_has_failed_and_the_connection_lives_on) {
  make_named();
  EXPECT_EQ(ask(query("select * from nowhere")).error(), errc::provider_failed);
  EXPECT_EQ(ask(query("select $3::text")).error(), errc::provider_failed);
  EXPECT_EQ(ask(query("this is no SQL")).error(), errc::provider_failed);
  EXPECT_EQ(ask(query("select n from generate_series(1, 9) n where n = $1")).error(), errc::provider_failed);
  EXPECT_TRUE(crm->report().up);
  EXPECT_EQ(json("select 1 as a"), R"({"a":1})");
  EXPECT_EQ(connections(), "1");
}

TEST_F(postgres_provider, third_parameter_has_failed_each_time) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask(query("select $1::text, $2::text, $3::text")).error(), errc::provider_failed);
    EXPECT_NE(crm->report().detail.find("other than $1 and $2"), std::string::npos) << crm->report().detail;
  }
}

TEST_F(postgres_provider, errors_of_data_are_reported_without_the_data) {
  EXPECT_EQ(ask(query("select $1::int"), {"canary", "support"}).error(), errc::provider_failed);
  EXPECT_NE(crm->report().detail.find("22P02"), std::string::npos) << crm->report().detail;
  EXPECT_EQ(crm->report().detail.find("canary"), std::string::npos);
}

TEST_F(postgres_provider, never_writes) {
  server->run("create table written (n int)");
  server->run(
      "create function write() returns int language sql as 'insert into written values (1) returning n'");
  EXPECT_EQ(ask(query("select write()")).error(), errc::provider_failed);
  EXPECT_EQ(server->query("select count(*) from written"), "0");
}

TEST_F(postgres_provider, slow_query_is_a_timeout_and_the_pool_recovers) {
  options.max_concurrency = 1;
  crm = make_postgres(loop.get_executor(), options);
  ASSERT_TRUE(ask(query("select 1")));
  const section_query slow{.name = "slow", .text = "select pg_sleep(60)", .timeout = 100ms};
  EXPECT_EQ(ask(slow).error(), errc::provider_timeout);
  EXPECT_EQ(json("select 1 as a"), R"({"a":1})");
  EXPECT_TRUE(test::eventually([] {
    return server->query(
               "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and state = "
               "'active' and pid <> pg_backend_pid()") == "0";
  })) << "the server went on with a statement that nobody waits for";
}

TEST_F(postgres_provider, deadline_before_the_timeout_ends_the_wait_and_the_pool_recovers) {
  options.max_concurrency = 1;
  crm = make_postgres(loop.get_executor(), options);
  const auto slow = query("select pg_sleep(9)");
  const auto until = deadline::after(boot_clock::now(), 100ms);
  EXPECT_EQ(test::run_coroutine(loop, crm->ask(slow, *key::make({"c", "support"}), until)).error(),
            errc::provider_timeout);
  EXPECT_EQ(json("select 1 as a"), R"({"a":1})");
}

TEST_F(postgres_provider, holds_no_more_connections_than_its_cap) {
  options.max_concurrency = 3;
  make_named();
  for (const auto& answer : ask_at_once(query("select 1 as n"), 30)) EXPECT_TRUE(answer);
  EXPECT_EQ(connections(), "3");
}

TEST_F(postgres_provider, full_server_is_unavailable) {
  server->run("create role narrow login connection limit 0");
  options.url = "postgresql://narrow@127.0.0.1:" + std::to_string(server->port()) + "/postgres";
  crm = make_postgres(loop.get_executor(), options);
  EXPECT_EQ(ask(query("select 1")).error(), errc::provider_unavailable);
  EXPECT_FALSE(crm->report().up);
}

TEST_F(postgres_provider, is_whole_again_after_the_server_was_killed_and_started) {
  for (const auto& answer : ask_at_once(query("select 1 as n"), 8)) ASSERT_TRUE(answer);
  server->kill();
  EXPECT_EQ(ask(query("select 1 as n")).error(), errc::provider_unavailable);
  EXPECT_FALSE(crm->report().up);
  server->start();
  for (const auto& answer : ask_at_once(query("select 1 as n"), 8)) EXPECT_TRUE(answer);
  EXPECT_TRUE(crm->report().up);
}

TEST_F(postgres_provider, restart_between_two_calls_is_not_noticed) {
  for (const auto& answer : ask_at_once(query("select 1 as n"), 8)) ASSERT_TRUE(answer);
  server->kill();
  server->start();
  for (const auto& answer : ask_at_once(query("select 1 as n"), 8)) EXPECT_TRUE(answer);
}

TEST_F(postgres_provider, looks_up_the_name_of_its_host) {
  options.url = "postgresql://postgres@localhost:" + std::to_string(server->port()) + "/postgres";
  crm = make_postgres(loop.get_executor(), options);
  EXPECT_EQ(json("select 1 as a"), R"({"a":1})");
  options.url = "postgresql://postgres@does-not-exist.invalid/postgres";
  crm = make_postgres(loop.get_executor(), options);
  EXPECT_EQ(ask(query("select 1")).error(), errc::provider_unavailable);
}

TEST_F(postgres_provider, server_that_accepts_and_says_nothing_is_a_timeout) {
  asio::ip::tcp::acceptor silent{loop, {asio::ip::address_v4::loopback(), 0}};
  options.url =
      "postgresql://postgres@127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/postgres";
  options.connect_timeout = 50ms;
  crm = make_postgres(loop.get_executor(), options);
  EXPECT_EQ(ask(query("select 1")).error(), errc::provider_timeout);
}

TEST_F(postgres_provider, answer_over_its_limit_has_failed) {
  options.max_answer_bytes = 100;
  crm = make_postgres(loop.get_executor(), options);
  EXPECT_EQ(ask(query("select repeat('x', 200) as big")).error(), errc::provider_failed);
}

TEST_F(postgres_provider, health_shows_the_address_without_secrets) {
  options.url = "postgresql://someone:secret@127.0.0.1/crm";
  crm = make_postgres(loop.get_executor(), options);
  EXPECT_EQ(crm->report().detail, "postgres crm (127.0.0.1/crm)");
}

TEST_F(postgres_provider, refuses_options_that_cannot_work) {
  for (const auto* url : {"mysql://host", "postgresql://[host", "postgresql://a,b/c"}) {
    options.url = url;
    EXPECT_THROW(static_cast<void>(make_postgres(loop.get_executor(), options)), boost::system::system_error)
        << url;
  }
}

}  // namespace ctxcache::providers
