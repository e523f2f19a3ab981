#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/outbox_sql.hpp"
#include "providers/pg_outbox.hpp"
#include "support/postgres_server.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::providers {

// A database with two tables whose changes are written down, and who reads them.
struct pg_outbox_fixture : testing::Test {
  static void SetUpTestSuite() { server = std::make_unique<test::postgres_server>(); }
  static void TearDownTestSuite() { server.reset(); }
  static inline std::unique_ptr<test::postgres_server> server;

  boost::asio::io_context loop;
  // Looks by itself only when a test says so.
  pg_outbox_options options{.name = "crm", .url = server->url(), .look_every = std::chrono::hours{1}};
  std::unique_ptr<change_source> outbox = make_pg_outbox(loop.get_executor(), options);

  pg_outbox_fixture() {
    server->run(
        "drop schema public cascade; create schema public;"
        "create table customers (id text primary key, name text, document json);"
        "create table tickets (n int primary key, customer_id text, title text)");
    server->run(install_outbox_sql("public", {{.name = "customers", .customer_columns = {"id"}},
                                              {.name = "tickets", .customer_columns = {"customer_id"}}}));
  }
  ~pg_outbox_fixture() override { test::run_coroutine(loop, outbox->stop()); }

  void make(const pg_outbox_options& how) {
    test::run_coroutine(loop, outbox->stop());
    outbox = make_pg_outbox(loop.get_executor(), how);
  }
  result<change_source::batch> next(std::chrono::milliseconds wait = std::chrono::seconds{20}) {
    return test::run_coroutine(loop, outbox->next(deadline::after(boot_clock::now(), wait)));
  }
  result<void> confirm(const change_source::batch& what) {
    return test::run_coroutine(loop, outbox->confirm(what.upto, {}));
  }
  // What is in the outbox now, told to nobody again: customer ids, or types of changes without.
  std::vector<std::string> taken() {
    std::vector<std::string> out;
    while (true) {
      const auto got = next({});
      if (!got) return {got.error().message()};
      if (got->changes.empty()) return out;
      for (const auto& one : got->changes) out.push_back(customer_of(one));
      EXPECT_TRUE(confirm(*got));
    }
  }
  static std::string customer_of(const change& one) {
    const std::string_view mark = R"("customer_id":")";
    const auto begin = one.document.find(mark);
    if (begin == std::string::npos) return one.type;
    const auto from = begin + mark.size();
    return one.document.substr(from, one.document.find('"', from) - from);
  }
  static std::string rows() { return server->query("select count(*) from ctxcache_outbox"); }
};

}  // namespace ctxcache::providers
