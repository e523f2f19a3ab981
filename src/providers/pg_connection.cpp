#include "providers/pg_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string_view>

#include "base/try.hpp"
#include "providers/json.hpp"
#include "providers/pg_sql.hpp"

namespace ctxcache::providers {

namespace asio = boost::asio;

namespace {

constexpr Oid text_type = 25;
using descriptor = asio::posix::stream_descriptor;

std::string first_line(std::string_view text) {
  return std::string{text.substr(0, text.find('\n'))};
}

std::vector<const char*> pointers(const std::vector<std::string>& words) {
  std::vector<const char*> out;
  for (const auto& each : words) out.push_back(each.c_str());
  out.push_back(nullptr);
  return out;
}

}  // namespace

// While it lives, waiting for the socket ends at the time given.
class pg_connection::time_limit {
 public:
  time_limit(pg_connection& of, time_point until) : alive_(std::make_shared<asio::steady_timer>(of.where_)) {
    of.timed_out_ = false;
    alive_->expires_after(until - boot_clock::now());
    alive_->async_wait([&of, watched = std::weak_ptr{alive_}](error_code cancelled) {
      // A timer that has rung cannot be cancelled, but then it no longer lives.
      if (cancelled || watched.expired()) return;
      of.timed_out_ = true;
      of.socket_.cancel(cancelled);
    });
  }

 private:
  std::shared_ptr<asio::steady_timer> alive_;
};

pg_connection::pg_connection(asio::any_io_executor where) : where_(std::move(where)), socket_(where_) {}

pg_connection::~pg_connection() {
  if (socket_.is_open()) socket_.release();
}

asio::awaitable<result<void>> pg_connection::connect(const pg_target& target, time_point until) {
  const auto parameters = co_await target.resolve(until);
  if (!parameters) {
    why_ = "the host's name has no address";
    broken_ = true;
    co_return parameters.error();
  }
  const auto keywords = pointers(parameters->keywords);
  const auto values = pointers(parameters->values);
  const time_limit limit{*this, until};
  libpq_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  PQsetNoticeProcessor(
      libpq_.get(), [](void*, const char*) {}, nullptr);
  co_return co_await handshake();
}

asio::awaitable<result<void>> pg_connection::handshake() {
  auto next = PQstatus(libpq_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
    // Registered anew each time: libpq goes through its addresses with a socket for each.
    if (!watch_socket()) co_return lost();
    const bool in_time =
        co_await ready(next == PGRES_POLLING_READING ? descriptor::wait_read : descriptor::wait_write);
    socket_.release();
    if (!in_time) co_return lost();
    next = PQconnectPoll(libpq_.get());
  }
  if (next != PGRES_POLLING_OK || !watch_socket()) co_return lost();
  PQsetnonblocking(libpq_.get(), 1);
  co_return result<void>{};
}

bool pg_connection::watch_socket() {
  error_code failed;
  socket_.assign(PQsocket(libpq_.get()), failed);
  return !failed;
}

asio::awaitable<result<section_answer>> pg_connection::ask(const section_query& query, const query_ids& ids,
                                                           time_point until) {
  const time_limit limit{*this, until};
  why_.clear();
  if (query.timeout != session_timeout_) {
    const auto set = co_await set_session(query.timeout);
    if (!set) co_return set.error();
  }
  const auto sql = json_statement(query.text, query.shape);
  auto statement = prepared_.find(sql);
  if (statement == prepared_.end()) {
    auto made = co_await prepare(query, sql);
    if (!made) co_return made.error();
    statement = prepared_.emplace(sql, std::move(*made)).first;
  }
  if (statement->second.parameters > 2) {
    why_ = "the query has a parameter other than $1 and $2";
    co_return errc::provider_failed;
  }
  const std::array<const char*, 2> values{ids.customer.c_str(),
                                          ids.conversation ? ids.conversation->c_str() : nullptr};
  const int sent = PQsendQueryPrepared(libpq_.get(), statement->second.name.c_str(),
                                       statement->second.parameters, values.data(), nullptr, nullptr, 0);
  const auto got = co_await exchange(sent);
  if (!got) co_return got.error();
  if (PQntuples(got->get()) == 0) co_return nothing(query.shape);
  const std::string_view text{PQgetvalue(got->get(), 0, 0),
                              static_cast<std::size_t>(PQgetlength(got->get(), 0, 0))};
  if (query.shape == section_shape::rows && text == "[]") co_return nothing(query.shape);
  auto json = trusted_json(text);
  if (!json) {
    why_ = "the answer is not UTF-8";
    co_return json.error();
  }
  section_answer answer{.json = std::move(*json)};
  co_return answer;
}

asio::awaitable<result<pg_connection::pg_result>> pg_connection::run(std::string sql,
                                                                     std::vector<std::string> values,
                                                                     time_point until) {
  const time_limit limit{*this, until};
  why_.clear();
  const auto given = pointers(values);
  const int sent = PQsendQueryParams(libpq_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                     given.data(), nullptr, nullptr, 0);
  co_return co_await exchange(sent);
}

asio::awaitable<result<bool>> pg_connection::notified(time_point until) {
  const time_limit limit{*this, until};
  why_.clear();
  while (true) {
    if (PQconsumeInput(libpq_.get()) == 0) co_return lost();
    if (take_notifications()) co_return true;
    if (co_await ready(descriptor::wait_read)) continue;
    if (!timed_out_) co_return lost();
    co_return false;
  }
}

bool pg_connection::take_notifications() {
  bool any = false;
  while (auto* const one = PQnotifies(libpq_.get())) {
    PQfreemem(one);
    any = true;
  }
  return any;
}

void pg_connection::break_off() {
  broken_ = true;
  error_code none;
  socket_.cancel(none);
}

asio::awaitable<result<void>> pg_connection::set_session(std::chrono::milliseconds timeout) {
  // A little before our own end: so it is usually the server that gives up, and the connection lives on.
  const auto at_server = std::max<std::chrono::milliseconds::rep>(1, (timeout * 9 / 10).count());
  const auto sql =
      fmt::format("set default_transaction_read_only = on; set statement_timeout = {}", at_server);
  const int sent = PQsendQuery(libpq_.get(), sql.c_str());
  const auto done = co_await exchange(sent);
  if (!done) co_return done.error();
  session_timeout_ = timeout;
  co_return result<void>{};
}

asio::awaitable<result<pg_connection::prepared>> pg_connection::prepare(const section_query& query,
                                                                        const std::string& sql) {
  // The server truncates names at 63 bytes: the number comes first.
  prepared made{.name = fmt::format("{}_{}", prepared_.size() + 1, query.name)};
  // A parameter that is passed over has no type to infer.
  const std::array<Oid, 1> types{mentions_parameter(query.text, '1') ? 0 : text_type};
  const bool any = mentions_parameter(query.text, '1') || mentions_parameter(query.text, '2');
  const int preparing =
      PQsendPrepare(libpq_.get(), made.name.c_str(), sql.c_str(), any ? 1 : 0, types.data());
  const auto done = co_await exchange(preparing);
  if (!done) co_return done.error();
  const int describing = PQsendDescribePrepared(libpq_.get(), made.name.c_str());
  const auto described = co_await exchange(describing);
  if (!described) co_return described.error();
  made.parameters = PQnparams(described->get());
  co_return made;
}

// Sends what is queued and takes all results of it: the first that failed, else the last.
asio::awaitable<result<pg_connection::pg_result>> pg_connection::exchange(int sent) {
  if (sent == 0) co_return lost();
  int unsent = PQflush(libpq_.get());
  while (unsent > 0) {
    if (!co_await ready(descriptor::wait_write)) co_return lost();
    unsent = PQflush(libpq_.get());
  }
  if (unsent < 0) co_return lost();

  pg_result kept;
  while (true) {
    while (PQisBusy(libpq_.get()) != 0) {
      if (!co_await ready(descriptor::wait_read)) co_return lost();
      if (PQconsumeInput(libpq_.get()) == 0) co_return lost();
    }
    pg_result next{PQgetResult(libpq_.get())};
    if (!next) break;
    if (!kept || PQresultStatus(kept.get()) != PGRES_FATAL_ERROR) kept = std::move(next);
  }
  if (!kept) co_return lost();
  const auto status = PQresultStatus(kept.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) co_return failure(kept.get());
  co_return kept;
}

asio::awaitable<bool> pg_connection::ready(descriptor::wait_type what) {
  if (timed_out_ || broken_) co_return false;
  const auto [failed] = co_await socket_.async_wait(what, asio::as_tuple(asio::use_awaitable));
  co_return !failed && !timed_out_ && !broken_;
}

errc pg_connection::lost() {
  broken_ = true;
  if (timed_out_) return errc::provider_timeout;
  why_ = first_line(PQerrorMessage(libpq_.get()));
  return errc::provider_unavailable;
}

errc pg_connection::failure(const PGresult* from) {
  const char* const field = PQresultErrorField(from, PG_DIAG_SQLSTATE);
  if (PQstatus(libpq_.get()) == CONNECTION_BAD) return lost();
  const std::string_view state{field == nullptr ? "" : field};
  why_ = fmt::format("SQLSTATE {}", state);
  // The messages of this class are about tables and columns; those of others quote values.
  const char* const message = PQresultErrorField(from, PG_DIAG_MESSAGE_PRIMARY);
  if (state.starts_with("42") && message != nullptr) why_ += fmt::format(": {}", message);
  constexpr std::string_view cancelled_by_statement_timeout = "57014";
  if (state == cancelled_by_statement_timeout) return errc::provider_timeout;
  const bool away = state.starts_with("08") || state.starts_with("53") || state.starts_with("57");
  return away ? errc::provider_unavailable : errc::provider_failed;
}

}  // namespace ctxcache::providers
