// What every provider keeps to, whatever it asks: the same facts over SQLite, PostgreSQL and HTTP, and the
// same JSON out of SQLite and PostgreSQL for the same rows.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "providers/http.hpp"
#include "providers/postgres.hpp"
#include "providers/sqlite.hpp"
#include "support/http_origin.hpp"
#include "support/postgres_server.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;

// Both databases take it. JSON and timestamps are text in SQLite.
constexpr const char* schema = R"(
  create table customers (id text primary key, name text, plan text not null, seats integer,
                          mrr double precision, churn_risk numeric(4, 2), active boolean,
                          tags json, created_at text);
  insert into customers values
    ('cust_1', 'Zoë "Z" O''Neil', 'enterprise', 250, 1999.5, 0.25, true, '{"a": [1, 2.5], "b": null}',
     '2024-01-02T03:04:05Z'),
    ('cust_2', null, 'free', 1, 0, 1, false, '[]', '2024-02-03T04:05:06Z');
  create table tickets (customer_id text, conversation_id text, n integer, title text);
  insert into tickets values ('cust_1', 'conv_1', 1, 'first'), ('cust_1', 'conv_2', 2, 'line\nbreak'),
                             ('cust_2', null, 3, '');
)";

// Servers and files, once for all tests.
struct world {
  world() {
    postgres.run(schema);
    sqlite3* db = nullptr;
    const bool made = sqlite3_open(sqlite_path.c_str(), &db) == SQLITE_OK &&
                      sqlite3_exec(db, schema, nullptr, nullptr, nullptr) == SQLITE_OK;
    sqlite3_close(db);
    if (!made) throw std::runtime_error{"the schema does not go into SQLite"};
  }
  test::temporary_folder folder;
  std::string sqlite_path = folder.path() + "/crm.db";
  test::postgres_server postgres;
  test::http_origin origin;
};

std::unique_ptr<world> shared_world;
struct world_life : testing::Environment {
  void TearDown() override { shared_world.reset(); }
};
[[maybe_unused]] const auto* const registered = testing::AddGlobalTestEnvironment(new world_life);
world& the_world() {
  if (!shared_world) shared_world = std::make_unique<world>();
  return *shared_world;
}

struct limits {
  std::size_t running = 4;
  std::size_t waiting = 1024;
};

// One kind of provider, and how to ask it for what.
struct subject {
  const char* name;
  std::shared_ptr<provider> (*make)(const asio::any_io_executor&, limits);
  const char* customer;
  const char* tickets;
  const char* slow;
  const char* wrong;
};

std::shared_ptr<provider> sqlite_provider(const asio::any_io_executor& home, limits at_most) {
  return make_sqlite(home, {.name = "crm",
                            .path = the_world().sqlite_path,
                            .max_concurrency = at_most.running,
                            .max_waiting = at_most.waiting});
}

std::shared_ptr<provider> postgres_provider(const asio::any_io_executor& home, limits at_most) {
  return make_postgres(home, {.name = "crm",
                              .url = the_world().postgres.url(),
                              .max_concurrency = at_most.running,
                              .max_waiting = at_most.waiting});
}

std::shared_ptr<provider> http_provider(const asio::any_io_executor& home, limits at_most) {
  return make_http(home, {.name = "crm",
                          .url = the_world().origin.url(),
                          .max_concurrency = at_most.running,
                          .max_waiting = at_most.waiting});
}

constexpr const char* customer_query = "select id, 1 as n from customers where id = $1 and id = 'cust_1'";
constexpr const char* tickets_query = "select n from tickets where customer_id = $1 order by n";

const subject sqlite_subject{"sqlite",
                             &sqlite_provider,
                             customer_query,
                             tickets_query,
                             "with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) "
                             "as n from r where $1 <> ''",
                             "select * from nowhere"};
const subject postgres_subject{"postgres",    &postgres_provider,    customer_query,
                               tickets_query, "select pg_sleep(60)", "select * from nowhere"};
const subject http_subject{"http",
                           &http_provider,
                           "/customers/{customer_id}",
                           "/customers/{customer_id}/tickets",
                           "/slow/{customer_id}",
                           "/status/500"};

section_query to_ask(const char* text, section_shape shape = section_shape::object,
                     std::chrono::milliseconds timeout = 10s) {
  return {.name = "section", .text = text, .shape = shape, .timeout = timeout};
}

// 1 and 1.00 are the same number.
json::value with_plain_numbers(const std::string& text) {
  const auto plain = [](const auto& self, const json::value& one) -> json::value {
    if (one.is_number()) return one.to_number<double>();
    json::value out = one;
    if (auto* const object = out.if_object())
      for (auto& member : *object) member.value() = self(self, member.value());
    if (auto* const array = out.if_array())
      for (auto& element : *array) element = self(self, element);
    return out;
  };
  return plain(plain, json::parse(text));
}

class provider_conformance : public testing::TestWithParam<subject> {
 protected:
  explicit provider_conformance(limits at_most = {})
      : asked_(GetParam().make(loop_.get_executor(), at_most)) {}
  ~provider_conformance() override { test::run_coroutine(loop_, asked_->stop()); }

  result<section_answer> ask(const section_query& query, const std::string& customer = "cust_1",
                             deadline until = {}) {
    return test::run_coroutine(loop_, asked_->ask(query, *key::make({customer, "support"}), until));
  }

  asio::io_context loop_;
  std::shared_ptr<provider> asked_;
};

class narrow_provider : public provider_conformance {
 protected:
  narrow_provider() : provider_conformance({.running = 1, .waiting = 1}) {}
};

const auto every_subject = testing::Values(sqlite_subject, postgres_subject, http_subject);
const auto name_of = [](const testing::TestParamInfo<subject>& one) { return std::string{one.param.name}; };

}  // namespace

TEST_P(provider_conformance, known_customer_has_an_object_and_rows) {
  const auto customer = ask(to_ask(GetParam().customer));
  ASSERT_TRUE(customer);
  EXPECT_FALSE(customer->empty);
  EXPECT_EQ(customer->json, R"({"id":"cust_1","n":1})");
  const auto tickets = ask(to_ask(GetParam().tickets, section_shape::rows));
  EXPECT_EQ(tickets->json, R"([{"n":1},{"n":2}])");
  EXPECT_TRUE(asked_->report().up);
}

TEST_P(provider_conformance, unknown_customer_is_empty) {
  const auto customer = ask(to_ask(GetParam().customer), "nobody");
  ASSERT_TRUE(customer);
  EXPECT_TRUE(customer->empty);
  EXPECT_EQ(customer->json, "null");
  const auto tickets = ask(to_ask(GetParam().tickets, section_shape::rows), "nobody");
  EXPECT_TRUE(tickets->empty);
  EXPECT_EQ(tickets->json, "[]");
}

TEST_P(provider_conformance, hostile_ids_are_nobody) {
  for (const std::string id : {"' or '1'='1", "cust_1'; --", "../cust_1", "cust_1?", "cust_1#", "cust_1%00",
                               "..", "%", "$1", "cust_1/../cust_1", "😀"}) {
    const auto got = ask(to_ask(GetParam().customer), id);
    ASSERT_TRUE(got) << id << ": " << got.error().message();
    EXPECT_TRUE(got->empty) << id;
  }
  EXPECT_TRUE(ask(to_ask(GetParam().customer), std::string("cust_1\0", 7))->empty);
}

TEST_P(provider_conformance, section_timeout_ends_a_slow_answer_and_service_goes_on) {
  EXPECT_EQ(ask(to_ask(GetParam().slow, section_shape::object, 50ms)).error(), errc::provider_timeout);
  EXPECT_TRUE(ask(to_ask(GetParam().customer)));
}

TEST_P(provider_conformance, deadline_ends_a_slow_answer_and_service_goes_on) {
  const auto until = deadline::after(boot_clock::now(), 50ms);
  EXPECT_EQ(ask(to_ask(GetParam().slow, section_shape::object, 1h), "cust_1", until).error(),
            errc::provider_timeout);
  EXPECT_TRUE(ask(to_ask(GetParam().customer)));
}

TEST_P(provider_conformance, deadline_that_has_passed_is_a_timeout) {
  EXPECT_EQ(ask(to_ask(GetParam().customer), "cust_1", {boot_clock::now()}).error(), errc::provider_timeout);
}

TEST_P(provider_conformance, error_is_a_failure_and_service_goes_on) {
  EXPECT_EQ(ask(to_ask(GetParam().wrong)).error(), errc::provider_failed);
  EXPECT_TRUE(ask(to_ask(GetParam().customer)));
}

TEST_P(provider_conformance, takes_calls_from_other_loops) {
  auto guard = asio::make_work_guard(loop_);
  std::thread home{[this] { loop_.run(); }};
  asio::io_context elsewhere;
  const auto query = to_ask(GetParam().customer);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(test::run_coroutine(elsewhere, asked_->ask(query, *key::make({"cust_1", "support"}), {})));
  guard.reset();
  loop_.stop();
  home.join();
}

TEST_P(provider_conformance, takes_no_call_once_stopped) {
  ASSERT_TRUE(ask(to_ask(GetParam().customer)));
  test::run_coroutine(loop_, asked_->stop());
  EXPECT_EQ(ask(to_ask(GetParam().customer)).error(), errc::shutting_down);
}

TEST_P(narrow_provider, is_overloaded_when_its_line_is_full) {
  const auto slow = to_ask(GetParam().slow, section_shape::object, 200ms);
  std::vector<error_code> ended;
  for (int i = 0; i < 3; ++i)
    asio::co_spawn(
        loop_, asked_->ask(slow, *key::make({"cust_1", "support"}), {}),
        [&](const std::exception_ptr&, result<section_answer> got) { ended.push_back(got.error()); });
  while (ended.size() < 3) loop_.run_one();
  EXPECT_EQ(ended,
            (std::vector<error_code>{errc::overloaded, errc::provider_timeout, errc::provider_timeout}));
  EXPECT_TRUE(ask(to_ask(GetParam().customer)));
}

INSTANTIATE_TEST_SUITE_P(all, provider_conformance, every_subject, name_of);
INSTANTIATE_TEST_SUITE_P(all, narrow_provider, every_subject, name_of);

TEST(sql_providers, give_equal_json_for_the_same_rows) {
  asio::io_context loop;
  const auto sqlite = sqlite_provider(loop.get_executor(), {});
  const auto postgres = postgres_provider(loop.get_executor(), {});
  struct asked_for {
    const char* sql;
    section_shape shape;
  };
  for (const auto& [sql, shape] : std::vector<asked_for>{
           {"select * from customers where id = $1", section_shape::object},
           {"select name, plan, seats, mrr, churn_risk, active from customers where id = $1",
            section_shape::object},
           {"select tags from customers where id = $1", section_shape::value},
           {"select name from customers where id = $1", section_shape::value},
           {"select active from customers where id = $1", section_shape::value},
           {"select * from tickets where customer_id = $1 order by n", section_shape::rows},
           {"select * from tickets where customer_id = $1 and conversation_id = $2", section_shape::object},
           {"select count(*) as n, sum(n) as total from tickets where customer_id = $1",
            section_shape::object}})
    for (const key_ids& ids : {key_ids{"cust_1", "support"}, key_ids{"cust_1", "support", "conv_2"},
                               key_ids{"cust_2", "support"}, key_ids{"cust_3", "support"}}) {
      const auto query = to_ask(sql, shape);
      const auto of_sqlite = test::run_coroutine(loop, sqlite->ask(query, *key::make(ids), {}));
      const auto of_postgres = test::run_coroutine(loop, postgres->ask(query, *key::make(ids), {}));
      ASSERT_TRUE(of_sqlite && of_postgres) << sql;
      EXPECT_EQ(of_sqlite->empty, of_postgres->empty) << sql;
      EXPECT_EQ(with_plain_numbers(of_sqlite->json), with_plain_numbers(of_postgres->json)) << sql;
    }
  test::run_coroutine(loop, sqlite->stop());
  test::run_coroutine(loop, postgres->stop());
}

}  // namespace ctxcache::providers
