#include "providers/sqlite_watch.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>

#include "support/child_process.hpp"
#include "support/run_coroutine.hpp"
#include "support/store_of_process.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct sqlite_watch_fixture : testing::Test {
  asio::io_context loop;
  test::temporary_folder folder;
  std::string path = folder.path() + "/crm.db";
  std::shared_ptr<test::store_of_process> notes =
      std::make_shared<test::store_of_process>(make_local_shared_store());
  std::unique_ptr<change_source> watch = make();

  ~sqlite_watch_fixture() override { test::run_coroutine(loop, watch->stop()); }

  [[nodiscard]] std::unique_ptr<change_source> make(std::chrono::milliseconds settled = 50ms) {
    return make_sqlite_watch(loop.get_executor(),
                             {.name = "crm", .path = path, .look_every = 5ms, .settled = settled}, notes);
  }
  // By the next process.
  void start_again(std::chrono::milliseconds settled = 50ms) {
    test::run_coroutine(loop, watch->stop());
    watch = make(settled);
  }
  // By another process.
  void write(const std::string& sql) const {
    ASSERT_EQ(test::child_process({"sqlite3", path, sql}, folder.path() + "/out").end(0), 0) << sql;
  }
  result<change_source::batch> next(std::chrono::milliseconds wait = 20s) {
    return test::run_coroutine(loop, watch->next(deadline::after(boot_clock::now(), wait)));
  }
  void confirm(const change_source::batch& what) {
    ASSERT_TRUE(test::run_coroutine(loop, watch->confirm(what.upto, {})));
  }
  // What there is from the start on.
  void begin() {
    const auto first = next();
    ASSERT_TRUE(first);
    confirm(*first);
  }
  [[nodiscard]] std::string note() {
    auto found = test::run_coroutine(loop, notes->get("source/crm/confirmed", {}));
    return found && *found ? **found : std::string{};
  }
  // Looks until a note is made that is another than that.
  void look_until_noted(const std::string& before = {}) {
    EXPECT_TRUE(test::eventually([&] { return next(10ms)->changes.empty() && note() != before; }));
  }
};
using sqlite_watch = sqlite_watch_fixture;

}  // namespace

TEST_F(sqlite_watch, knows_nothing_at_the_start_and_says_so_once) {
  write("create table t (n)");
  const auto first = next();
  ASSERT_TRUE(first) << first.error().message();
  ASSERT_EQ(first->changes.size(), 1u);
  EXPECT_EQ(first->changes[0].type, "ctxcache.database_changed");
  EXPECT_EQ(first->changes[0].source, "sqlite:crm");
  EXPECT_EQ(first->changes[0].id, "");
  EXPECT_EQ(first->changes[0].document,
            R"({"type":"ctxcache.database_changed","source":"sqlite:crm","everything":true})");
  confirm(*first);
  EXPECT_TRUE(next(30ms)->changes.empty());
}

TEST_F(sqlite_watch, notices_what_another_process_writes) {
  for (const auto* const mode : {"delete", "wal"}) {
    write(std::string{"pragma journal_mode = "} + mode + "; create table " + mode + "_t (n)");
    begin();
    write(std::string{"insert into "} + mode + "_t values (1)");
    const auto changed = next();
    ASSERT_TRUE(changed) << changed.error().message();
    ASSERT_EQ(changed->changes.size(), 1u) << mode;
    confirm(*changed);
    EXPECT_TRUE(next(30ms)->changes.empty()) << mode;
  }
}

TEST_F(sqlite_watch, notices_what_is_written_while_it_waits) {
  write("create table t (n)");
  begin();
  bool noticed = false;
  asio::co_spawn(loop, watch->next({}), [&](const std::exception_ptr&, const auto& got) {
    noticed = got && got->changes.size() == 1;
  });
  loop.restart();
  loop.run_for(20ms);
  ASSERT_FALSE(noticed);
  write("insert into t values (1)");
  EXPECT_TRUE(test::eventually([&] {
    loop.run_for(10ms);
    return noticed;
  }));
}

TEST_F(sqlite_watch, says_again_what_is_not_confirmed) {
  write("create table t (n)");
  begin();
  write("insert into t values (1)");
  EXPECT_EQ(next()->changes.size(), 1u);
  EXPECT_EQ(next()->changes.size(), 1u);
}

TEST_F(sqlite_watch, takes_reading_and_rolling_back_for_no_change) {
  write("create table t (n)");
  begin();
  write("select * from t; begin; insert into t values (1); rollback");
  EXPECT_TRUE(next(30ms)->changes.empty());
}

TEST_F(sqlite_watch, says_when_the_file_is_not_there_and_begins_when_it_is) {
  EXPECT_EQ(next().error(), errc::provider_unavailable);
  write("create table t (n)");
  EXPECT_EQ(next()->changes.size(), 1u);
}

TEST_F(sqlite_watch, ends_a_wait_when_it_is_stopped) {
  write("create table t (n)");
  begin();
  error_code ended;
  asio::co_spawn(loop, watch->next({}),
                 [&](const std::exception_ptr&, const auto& got) { ended = got.error(); });
  loop.restart();
  loop.run_for(20ms);
  ASSERT_FALSE(ended);
  test::run_coroutine(loop, watch->stop());
  loop.restart();
  loop.run();
  EXPECT_EQ(ended, errc::shutting_down);
  EXPECT_EQ(next().error(), errc::shutting_down);
}

TEST_F(sqlite_watch, says_nothing_at_the_start_when_all_was_confirmed_and_nobody_wrote_since) {
  for (const auto* const mode : {"delete", "truncate", "persist"}) {
    write(std::string{"pragma journal_mode = "} + mode + "; create table " + mode + "_t (n)");
    const auto before = note();
    begin();
    look_until_noted(before);
    start_again();
    EXPECT_TRUE(next(30ms)->changes.empty()) << mode;
    write(std::string{"pragma journal_mode = "} + mode + "; insert into " + mode + "_t values (1)");
    EXPECT_EQ(next()->changes.size(), 1u) << mode;
    start_again();
    EXPECT_EQ(next()->changes.size(), 1u) << mode << ": that one was not confirmed";
  }
}

TEST_F(sqlite_watch, says_what_was_written_while_nobody_watched) {
  write("create table t (n)");
  begin();
  look_until_noted();
  test::run_coroutine(loop, watch->stop());
  write("insert into t values (1)");
  watch = make();
  EXPECT_EQ(next()->changes.size(), 1u);
}

TEST_F(sqlite_watch, makes_no_note_while_a_write_ahead_log_has_commits) {
  write("pragma journal_mode = wal; create table t (n)");
  begin();
  look_until_noted();
  // As long as it is there the commit stays in the log, and the file as it was.
  sqlite3* writer = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &writer), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(writer, "insert into t values (1)", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto written = next();
  EXPECT_EQ(written->changes.size(), 1u);
  confirm(*written);
  EXPECT_TRUE(next(100ms)->changes.empty());
  start_again();
  EXPECT_EQ(next()->changes.size(), 1u);
  EXPECT_EQ(sqlite3_close(writer), SQLITE_OK);
}

TEST_F(sqlite_watch, makes_no_note_of_a_file_that_was_written_just_now) {
  start_again(1h);
  write("create table t (n)");
  begin();
  EXPECT_TRUE(next(30ms)->changes.empty());
  EXPECT_EQ(note(), "");
}

TEST_F(sqlite_watch, goes_on_without_its_notes) {
  write("create table t (n)");
  begin();
  look_until_noted();
  notes->down = true;
  start_again();
  const auto first = next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->changes.size(), 1u) << "what it cannot read it does not know";
  confirm(*first);
  EXPECT_TRUE(next(100ms)->changes.empty());
  notes->down = false;
  look_until_noted();
  start_again();
  EXPECT_TRUE(next(30ms)->changes.empty());
}

TEST(sqlite_watch_options, are_refused_when_they_cannot_work) {
  asio::io_context loop;
  EXPECT_THROW(auto made = make_sqlite_watch(loop.get_executor(), {.name = "crm", .path = ""}, nullptr),
               boost::system::system_error);
  EXPECT_THROW(auto made = make_sqlite_watch(loop.get_executor(),
                                             {.name = "crm", .path = "x", .look_every = 0ms}, nullptr),
               boost::system::system_error);
}

}  // namespace ctxcache::providers
