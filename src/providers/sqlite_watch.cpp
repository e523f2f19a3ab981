#include "providers/sqlite_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/blocking_pool.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"
#include "providers/health_record.hpp"
#include "providers/invalid_options.hpp"
#include "providers/json.hpp"
#include "providers/sqlite_connection.hpp"
#include "providers/sqlite_fingerprint.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;

constexpr std::size_t answer_bytes_max = 64;
// A writer holds the file that long, and not longer, before the look is given up.
constexpr std::chrono::seconds look_timeout{1};
constexpr std::chrono::milliseconds note_timeout{500};
constexpr std::chrono::hours note_life{30 * 24};

// One look at the file.
struct sight {
  outcome came;             // its data_version
  std::string fingerprint;  // that goes with it; empty: not looked for, or nothing is known
};

class sqlite_watch final : public change_source {
 public:
  sqlite_watch(const asio::any_io_executor& home, const sqlite_watch_options& options,
               std::shared_ptr<shared_store> notes)
      : options_(options),
        notes_(std::move(notes)),
        source_("sqlite:" + options.name),
        health_(fmt::format("sqlite watch {} ({})", options.name, options.path)),
        file_(options.path, answer_bytes_max),
        pause_(home),
        ended_(home, std::chrono::hours{24 * 365}) {}

  [[nodiscard]] asio::awaitable<result<batch>> next(deadline until) override {
    looking_ = true;
    auto found = co_await look_until(until);
    looking_ = false;
    ended_.cancel();
    co_return found;
  }

  [[nodiscard]] asio::awaitable<result<void>> confirm(std::string upto, deadline) override {
    confirmed_ = std::move(upto);
    noted_ = false;
    co_return result<void>{};
  }

  [[nodiscard]] std::string name() const override {
    return fmt::format("sqlite watch {} ({})", options_.name, options_.path);
  }

  [[nodiscard]] asio::awaitable<void> stop() override {
    stopped_ = true;
    pause_.cancel();
    while (looking_) co_await ended_.async_wait(quietly);
    thread_.join();
    file_.close();
  }

 private:
  [[nodiscard]] asio::awaitable<result<batch>> look_until(deadline until) {
    while (!stopped_) {
      auto work = [this, thorough = !noted_] { return thorough ? look_closely() : sight{look(), {}}; };
      auto seen = co_await thread_.run(std::move(work));
      health_.note(seen.came, look_.name);
      if (!seen.came.answer) {
        // The numbers of another connection mean something else.
        confirmed_.clear();
        noted_ = false;
        co_return seen.came.answer.error();
      }
      auto& version = seen.came.answer->json;
      if (confirmed_.empty()) {
        noted_ = co_await is_as_noted(seen.fingerprint);
        if (noted_) confirmed_ = version;
      }
      if (version != confirmed_) {
        auto found = changed(std::move(version));
        co_return found;
      }
      if (!noted_) co_await make_note(std::move(seen.fingerprint));
      const auto now = boot_clock::now();
      if (until.passed(now)) {
        batch none;
        co_return none;
      }
      pause_.expires_after(until.within(now, options_.look_every).remaining(now));
      co_await pause_.async_wait(quietly);
    }
    co_return errc::shutting_down;
  }

  // On thread_.
  [[nodiscard]] outcome look() { return file_.ask(look_, nobody_, boot_clock::now() + look_timeout); }
  // The same between two fingerprints, and each of them between two looks.
  [[nodiscard]] sight look_closely() {
    auto first = look();
    if (!first.answer) return {std::move(first), {}};
    const auto before = sqlite_fingerprint(options_.path, options_.settled);
    auto came = look();
    const auto after = sqlite_fingerprint(options_.path, options_.settled);
    return {std::move(came), before == after ? after : std::string{}};
  }

  [[nodiscard]] std::string note_name() const { return "source/" + options_.name + "/confirmed"; }
  [[nodiscard]] static deadline soon() { return deadline::after(boot_clock::now(), note_timeout); }
  [[nodiscard]] asio::awaitable<bool> is_as_noted(const std::string& fingerprint) const {
    if (fingerprint.empty()) co_return false;
    auto name = note_name();
    const auto note = co_await notes_->get(std::move(name), soon());
    co_return note.has_value() && *note == fingerprint;
  }
  // What cannot be noted now is with the next look.
  [[nodiscard]] asio::awaitable<void> make_note(std::string fingerprint) {
    if (fingerprint.empty()) co_return;
    shared_store::fact note{.name = note_name(), .value = std::move(fingerprint), .life = note_life};
    std::optional<lease> nobodys;
    const auto made = co_await notes_->put(std::move(note), std::move(nobodys), soon());
    noted_ = made.has_value();
  }

  [[nodiscard]] batch changed(std::string version) const {
    change one{.type = "ctxcache.database_changed", .source = source_, .id = {}, .document = {}};
    one.document = fmt::format(R"({{"type":{},"source":{},"everything":true}})", json_quoted(one.type),
                               json_quoted(source_));
    batch out;
    out.changes.push_back(std::move(one));
    out.upto = std::move(version);
    return out;
  }

  const sqlite_watch_options options_;
  const std::shared_ptr<shared_store> notes_;
  const std::string source_;
  const section_query look_{.name = "data_version",
                            .text = "pragma data_version",
                            .shape = section_shape::value,
                            .timeout = look_timeout};
  const query_ids nobody_{*key::make({.customer_id = "-", .agent_type = "-"})};
  health_record health_;
  sqlite_connection file_;  // used by thread_
  blocking_pool thread_{1};
  timer pause_;
  timer ended_;              // cancelled when a call ends
  std::string confirmed_{};  // empty: nothing is known
  bool noted_ = false;       // that the file as it is is confirmed
  bool looking_ = false;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<change_source> make_sqlite_watch(asio::any_io_executor home, sqlite_watch_options options,
                                                 std::shared_ptr<shared_store> notes) {
  if (options.path.empty()) throw invalid_options(options.name + ": the path is empty");
  if (options.look_every.count() <= 0) throw invalid_options(options.name + ": look_every is 0");
  return std::make_unique<sqlite_watch>(home, options, std::move(notes));
}

}  // namespace ctxcache::providers
