#include "providers/sqlite_connection.hpp"

#include <algorithm>
#include <chrono>

#include "providers/json.hpp"
#include "providers/sqlite_rows.hpp"

namespace ctxcache::providers {
namespace {

// How often a running query looks at the clock: some 10 µs.
constexpr int instructions_between_looks = 1000;

int past(void* until) {
  return boot_clock::now() >= *static_cast<const time_point*>(until) ? 1 : 0;
}

errc errc_of(int code) {
  switch (code & 0xff) {  // without the extension
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return errc::provider_unavailable;
    case SQLITE_INTERRUPT:
      return errc::provider_timeout;
    default:
      return errc::provider_failed;
  }
}

}  // namespace

outcome sqlite_connection::ask(const section_query& query, const query_ids& ids, time_point until) {
  until_ = until;
  if (!open_) {
    if (const int code = open(); code != SQLITE_OK) return failure(code);
  }
  const auto patience = std::chrono::ceil<std::chrono::milliseconds>(until - boot_clock::now()).count();
  sqlite3_busy_timeout(open_.get(), static_cast<int>(std::clamp<decltype(patience)>(patience, 1, 60'000)));
  const auto found = prepared(query.text);
  if (!found) return failure(sqlite3_errcode(open_.get()));
  // The reset ends the read transaction, so that the next one sees what was written since.
  const running_statement running{*found};
  if (!bind(*found, ids)) return {errc::provider_failed, "the query has a parameter other than $1 and $2"};
  return rows(*found, query.shape);
}

int sqlite_connection::open() {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path_.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  open_.reset(raw);
  if (code == SQLITE_OK) sqlite3_progress_handler(raw, instructions_between_looks, past, &until_);
  return code;
}

void sqlite_connection::close() {
  prepared_.clear();
  open_.reset();
}

result<sqlite3_stmt*> sqlite_connection::prepared(const std::string& text) {
  if (const auto found = prepared_.find(text); found != prepared_.end()) return found->second.get();
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(open_.get(), text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                         &raw, nullptr) != SQLITE_OK)
    return errc::provider_failed;
  return prepared_.emplace(text, raw).first->second.get();
}

bool sqlite_connection::bind(sqlite3_stmt* to, const query_ids& ids) {
  for (int i = 1; i <= sqlite3_bind_parameter_count(to); ++i) {
    const auto* const spelled = sqlite3_bind_parameter_name(to, i);
    const std::string_view name{spelled == nullptr ? "?" : spelled};
    if (name != "$1" && name != "$2") return false;
    const auto* const id = name == "$1" ? &ids.customer : ids.conversation ? &*ids.conversation : nullptr;
    // Static: the ids outlive the steps, and the next call binds anew.
    const int bound = id == nullptr
                          ? sqlite3_bind_null(to, i)
                          : sqlite3_bind_text(to, i, id->data(), static_cast<int>(id->size()), SQLITE_STATIC);
    if (bound != SQLITE_OK) return false;
  }
  return true;
}

outcome sqlite_connection::rows(sqlite3_stmt* from, section_shape shape) {
  int code = sqlite3_step(from);
  if (code == SQLITE_DONE) return {nothing(shape)};
  if (code != SQLITE_ROW) return failure(code);
  sqlite_rows json{from, shape};
  do {
    if (!json.add()) return {errc::provider_failed, "a value cannot be written as JSON"};
    if (json.bytes() > max_answer_bytes_) return {errc::provider_failed, "the answer is too large"};
  } while (shape == section_shape::rows && (code = sqlite3_step(from)) == SQLITE_ROW);
  if (code != SQLITE_ROW && code != SQLITE_DONE) return failure(code);
  auto text = trusted_json(json.take());
  if (!text) return {text.error(), "the answer is not UTF-8"};
  return {section_answer{.json = std::move(*text)}};
}

outcome sqlite_connection::failure(int code) {
  outcome out{errc_of(code), sqlite3_errmsg(open_.get())};
  // The file may be another one next time.
  if (const int kind = code & 0xff;
      kind == SQLITE_CANTOPEN || kind == SQLITE_IOERR || kind == SQLITE_NOTADB || kind == SQLITE_CORRUPT)
    close();
  return out;
}

}  // namespace ctxcache::providers
