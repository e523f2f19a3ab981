#include "providers/sqlite.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/blocking_pool.hpp"
#include "providers/capped_provider.hpp"
#include "providers/invalid_options.hpp"
#include "providers/sqlite_connection.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;

class sqlite final : public capped_provider {
 public:
  sqlite(asio::any_io_executor home, const sqlite_options& options)
      : capped_provider(std::move(home), {.running = options.max_concurrency, .waiting = options.max_waiting},
                        fmt::format("sqlite {} ({})", options.name, options.path)),
        threads_(options.max_concurrency) {
    for (std::size_t i = 0; i < options.max_concurrency; ++i)
      idle_.push_back(std::make_unique<sqlite_connection>(options.path, options.max_answer_bytes));
  }

 private:
  [[nodiscard]] asio::awaitable<outcome> answer(const section_query& query, const key& wanted,
                                                time_point until) override {
    // There are as many connections as slots. The last one used is the one with the warmest cache.
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    const query_ids ids{wanted};
    auto work = [&query, &ids, until, with = connection.get()] { return with->ask(query, ids, until); };
    auto came = co_await threads_.run(std::move(work));
    idle_.push_back(std::move(connection));
    co_return came;
  }

  void close() override {
    for (const auto& each : idle_) each->close();
  }

  std::vector<std::unique_ptr<sqlite_connection>> idle_;  // Belongs to home().
  blocking_pool threads_;
};

}  // namespace

std::shared_ptr<provider> make_sqlite(asio::any_io_executor home, sqlite_options options) {
  if (options.path.empty()) throw invalid_options(options.name + ": the path is empty");
  if (options.max_concurrency == 0) throw invalid_options(options.name + ": max_concurrency is 0");
  return std::make_shared<sqlite>(std::move(home), options);
}

}  // namespace ctxcache::providers
