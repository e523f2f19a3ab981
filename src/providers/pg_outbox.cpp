#include "providers/pg_outbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"
#include "model/outbox_sql.hpp"
#include "providers/json.hpp"
#include "providers/pg_connection.hpp"
#include "providers/pg_target.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds log_pause{10};

// One row of the table.
struct outbox_row {
  std::string_view number;
  std::optional<std::string_view> customer_id;  // none: all customers
  std::string_view table;
  std::string_view op;
  std::string_view seconds;

  outbox_row(const PGresult* from, int row)
      : number(text(from, row, 0)),
        table(text(from, row, 2)),
        op(text(from, row, 3)),
        seconds(text(from, row, 4)) {
    if (PQgetisnull(from, row, 1) == 0) customer_id = text(from, row, 1);
  }

 private:
  [[nodiscard]] static std::string_view text(const PGresult* from, int row, int column) {
    return {PQgetvalue(from, row, column), static_cast<std::size_t>(PQgetlength(from, row, column))};
  }
};
constexpr std::string_view look_statement =
    "select n, customer_id, table_name, op, extract(epoch from at) from {} order by n limit 1000";

change change_of(const outbox_row& row, const std::string& source) {
  change out{.type = row.customer_id ? "ctxcache.row_changed" : "ctxcache.table_truncated",
             .source = source,
             .id = fmt::format("outbox:{}@{}", row.number, row.seconds),
             .document = {}};
  const auto whose = row.customer_id ? "\"customer_id\":" + json_quoted(*row.customer_id)
                                     : std::string{"\"everything\":true"};
  out.document = fmt::format(R"({{"type":{},"source":{},"id":{},{},"table":{},"op":{},"n":{}}})",
                             json_quoted(out.type), json_quoted(source), json_quoted(out.id), whose,
                             json_quoted(row.table), json_quoted(row.op), row.number);
  return out;
}

change_source::batch batch_of(const PGresult* rows, const std::string& source) {
  change_source::batch out;
  std::unordered_set<std::string> seen;
  for (int i = 0; i < PQntuples(rows); ++i) {
    const outbox_row row{rows, i};
    out.upto += fmt::format("{}{}", out.upto.empty() ? "{" : ",", row.number);
    // What comes later in the batch has happened by now, too. No id and no name holds a NUL.
    auto what = fmt::format("{}{}{}", row.table, '\0', row.customer_id.value_or(std::string_view{"\0", 1}));
    if (seen.insert(std::move(what)).second) out.changes.push_back(change_of(row, source));
  }
  if (!out.upto.empty()) out.upto += '}';
  return out;
}

class pg_outbox final : public change_source {
 public:
  pg_outbox(asio::any_io_executor home, const pg_outbox_options& options, pg_target target)
      : home_(std::move(home)),
        options_(options),
        target_(std::move(target)),
        source_("postgres:" + options.name),
        idle_(home_, std::chrono::hours{24 * 365}) {}

  [[nodiscard]] asio::awaitable<result<batch>> next(deadline until) override {
    const in_use mark{*this};
    auto found = co_await look_until(until);
    if (!found) co_return failed(found.error());
    healthy();
    co_return found;
  }

  [[nodiscard]] asio::awaitable<result<void>> confirm(std::string upto, deadline until) override {
    const in_use mark{*this};
    const auto connected = co_await connect();
    if (!connected) co_return failed(connected.error());
    auto sql = fmt::format("delete from {} where n = any($1::bigint[])", outbox_name);
    std::vector<std::string> values{std::move(upto)};
    const auto limit = until.within(boot_clock::now(), options_.answer_timeout);
    const auto deleted = co_await connection_->run(std::move(sql), std::move(values), limit.at);
    if (!deleted) co_return failed(deleted.error());
    co_return result<void>{};
  }

  [[nodiscard]] std::string name() const override {
    return fmt::format("postgres outbox {} ({})", options_.name, target_.shown());
  }

  [[nodiscard]] asio::awaitable<void> stop() override {
    stopped_ = true;
    if (connection_) connection_->break_off();
    while (in_use_) co_await idle_.async_wait(quietly);
    connection_.reset();
  }

 private:
  // While it lives, a call is under way that uses the connection.
  class in_use {
   public:
    explicit in_use(pg_outbox& of) : of_(of) { of_.in_use_ = true; }
    ~in_use() {
      of_.in_use_ = false;
      of_.idle_.cancel();
    }
    in_use(const in_use&) = delete;
    in_use& operator=(const in_use&) = delete;

   private:
    pg_outbox& of_;
  };

  [[nodiscard]] asio::awaitable<result<batch>> look_until(deadline until) {
    while (true) {
      const auto connected = co_await connect();
      if (!connected) co_return connected.error();
      auto found = co_await look();
      if (!found || !found->changes.empty()) co_return found;
      const auto limit = until.within(boot_clock::now(), options_.look_every);
      const auto rung = co_await connection_->notified(limit.at);
      if (!rung) co_return rung.error();
      // A look that begins now would last beyond the caller's time.
      if (until.passed(boot_clock::now())) co_return found;
    }
  }

  [[nodiscard]] asio::awaitable<result<void>> connect() {
    if (stopped_) co_return errc::shutting_down;
    if (connection_ && connection_->usable()) co_return result<void>{};
    connection_ = std::make_unique<pg_connection>(home_);
    const auto limit = boot_clock::now() + options_.connect_timeout;
    const auto connected = co_await connection_->connect(target_, limit);
    if (!connected) co_return connected.error();
    // Listening before the first look: what is committed in between rings.
    auto sql = fmt::format("listen {}", outbox_name);
    std::vector<std::string> none;
    const auto listening = co_await connection_->run(std::move(sql), std::move(none), limit);
    if (!listening) co_return listening.error();
    co_return result<void>{};
  }

  [[nodiscard]] asio::awaitable<result<batch>> look() {
    auto sql = fmt::format(look_statement, outbox_name);
    std::vector<std::string> none;
    const auto limit = boot_clock::now() + options_.answer_timeout;
    const auto rows = co_await connection_->run(std::move(sql), std::move(none), limit);
    if (!rows) co_return rows.error();
    auto found = batch_of(rows->get(), source_);
    co_return found;
  }

  [[nodiscard]] error_code failed(error_code error) {
    if (stopped_) return errc::shutting_down;
    failing_ = true;
    if (const auto now = boot_clock::now(); now >= quiet_until_) {
      quiet_until_ = now + log_pause;
      constexpr std::string_view no_such_table = "SQLSTATE 42P01";
      const auto& why = connection_->why();
      log::out().warn(
          "{}: {}{} ({})", name(), why.empty() ? error.message() : why,
          why.starts_with(no_such_table) ? "; `ctxcache install-triggers` prints what makes it" : "",
          code_name(error));
    }
    // Whatever it was, a new session has nothing of it.
    connection_.reset();
    return error;
  }

  void healthy() {
    if (failing_) log::out().info("{} answers again", name());
    failing_ = false;
  }

  const asio::any_io_executor home_;
  const pg_outbox_options options_;
  const pg_target target_;
  const std::string source_;
  std::unique_ptr<pg_connection> connection_;
  timer idle_;  // cancelled when a call ends
  bool in_use_ = false;
  bool stopped_ = false;
  bool failing_ = false;
  time_point quiet_until_;
};

}  // namespace

std::unique_ptr<change_source> make_pg_outbox(asio::any_io_executor home, pg_outbox_options options) {
  pg_target target{options.name, options.url};
  return std::make_unique<pg_outbox>(std::move(home), options, std::move(target));
}

}  // namespace ctxcache::providers
