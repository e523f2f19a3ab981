#include "providers/sqlite_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/blocking_pool.hpp"
#include "base/run_on.hpp"
#include "base/timer.hpp"
#include "providers/health_record.hpp"
#include "providers/invalid_options.hpp"
#include "providers/json.hpp"
#include "providers/sqlite_connection.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;

constexpr std::size_t answer_bytes_max = 64;
// A writer holds the file that long, and not longer, before the look is given up.
constexpr std::chrono::seconds look_timeout{1};

class sqlite_watch final : public change_source {
 public:
  sqlite_watch(const asio::any_io_executor& home, const sqlite_watch_options& options)
      : options_(options),
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
      auto work = [this] { return file_.ask(look_, nobody_, boot_clock::now() + look_timeout); };
      auto came = co_await thread_.run(std::move(work));
      health_.note(came, look_.name);
      if (!came.answer) {
        // The numbers of another connection mean something else.
        confirmed_.clear();
        co_return came.answer.error();
      }
      if (came.answer->json != confirmed_) {
        auto found = changed(std::move(came.answer->json));
        co_return found;
      }
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
  bool looking_ = false;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<change_source> make_sqlite_watch(asio::any_io_executor home, sqlite_watch_options options) {
  if (options.path.empty()) throw invalid_options(options.name + ": the path is empty");
  if (options.look_every.count() <= 0) throw invalid_options(options.name + ": look_every is 0");
  return std::make_unique<sqlite_watch>(home, options);
}

}  // namespace ctxcache::providers
