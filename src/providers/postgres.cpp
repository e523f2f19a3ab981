#include "providers/postgres.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "providers/capped_provider.hpp"
#include "providers/invalid_options.hpp"
#include "providers/pg_connection.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;

using connection_ptr = std::unique_ptr<pg_connection>;

bool has_nul(const query_ids& ids) {
  const auto nul_in = [](const std::string& id) { return id.find('\0') != std::string::npos; };
  return nul_in(ids.customer) || (ids.conversation && nul_in(*ids.conversation));
}

class postgres final : public capped_provider {
 public:
  postgres(asio::any_io_executor home, const postgres_options& options, pg_target target)
      : capped_provider(std::move(home), {.running = options.max_concurrency, .waiting = options.max_waiting},
                        fmt::format("postgres {} ({})", options.name, target.shown())),
        target_(std::move(target)),
        connect_timeout_(options.connect_timeout),
        max_answer_bytes_(options.max_answer_bytes) {}

 private:
  [[nodiscard]] asio::awaitable<outcome> answer(const section_query& query, const key& wanted,
                                                time_point until) override {
    const query_ids ids{wanted};
    // libpq would cut the text there, and ask for somebody else.
    if (has_nul(ids)) {
      outcome none{nothing(query.shape)};
      co_return none;
    }
    if (auto connection = take_idle()) {
      auto came = co_await ask(*connection, query, ids, until);
      const bool usable = connection->usable();
      give_back(std::move(connection));
      if (usable || came.answer.error() != errc::provider_unavailable) co_return came;
      // The server went away since the connection was used: the others are as dead. It may be back.
      idle_.clear();
    }
    co_return co_await ask_anew(query, ids, until);
  }

  [[nodiscard]] asio::awaitable<outcome> ask_anew(const section_query& query, const query_ids& ids,
                                                  time_point until) {
    auto connection = std::make_unique<pg_connection>(home());
    const auto connected_by = std::min(until, boot_clock::now() + connect_timeout_);
    const auto connected = co_await connection->connect(target_, connected_by);
    if (!connected) {
      outcome failed{connected.error(), connection->why()};
      co_return failed;
    }
    auto came = co_await ask(*connection, query, ids, until);
    give_back(std::move(connection));
    co_return came;
  }

  [[nodiscard]] asio::awaitable<outcome> ask(pg_connection& connection, const section_query& query,
                                             const query_ids& ids, time_point until) {
    auto answer = co_await connection.ask(query, ids, until);
    outcome came{std::move(answer)};
    if (!came.answer) came.why = connection.why();
    if (came.answer && came.answer->json.size() > max_answer_bytes_)
      came = {errc::provider_failed, "the answer is too large"};
    co_return came;
  }

  [[nodiscard]] connection_ptr take_idle() {
    if (idle_.empty()) return nullptr;
    auto last_used = std::move(idle_.back());
    idle_.pop_back();
    return last_used;
  }
  void give_back(connection_ptr one) {
    if (one->usable()) idle_.push_back(std::move(one));
  }

  void close() override { idle_.clear(); }

  std::vector<connection_ptr> idle_;  // Belongs to home().
  const pg_target target_;
  const std::chrono::milliseconds connect_timeout_;
  const std::size_t max_answer_bytes_;
};

}  // namespace

std::shared_ptr<provider> make_postgres(asio::any_io_executor home, postgres_options options) {
  if (options.max_concurrency == 0) throw invalid_options(options.name + ": max_concurrency is 0");
  pg_target target{options.name, options.url};
  return std::make_shared<postgres>(std::move(home), options, std::move(target));
}

}  // namespace ctxcache::providers
