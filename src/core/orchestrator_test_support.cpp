#include "core/orchestrator_test_support.hpp"

#include <boost/asio/co_spawn.hpp>

namespace ctxcache::test {

namespace asio = boost::asio;

namespace {

// Hands one L2 to several orchestrators, as Redis is shared by processes.
class shared_l2 final : public l2_cache {
 public:
  explicit shared_l2(std::shared_ptr<fake_l2> held) : held_(std::move(held)) {}
  asio::awaitable<result<hit>> get(key wanted, deadline until) override {
    return held_->get(std::move(wanted), until);
  }
  asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted, deadline until) override {
    return held_->get_many(std::move(wanted), until);
  }
  asio::awaitable<result<bool>> put(key where, entry_ptr value, deadline until) override {
    return held_->put(std::move(where), std::move(value), until);
  }
  asio::awaitable<result<std::size_t>> unlink(std::vector<key> gone, position before,
                                              deadline until) override {
    return held_->unlink(std::move(gone), before, until);
  }
  asio::awaitable<result<page>> scan(std::string glob, std::uint64_t cursor, deadline until) override {
    return held_->scan(std::move(glob), cursor, until);
  }
  [[nodiscard]] health report() const override { return held_->report(); }
  asio::awaitable<void> stop() override { co_return; }  // the others go on using it

 private:
  std::shared_ptr<fake_l2> held_;
};

}  // namespace

orchestrator_fixture::orchestrator_fixture() = default;
orchestrator_fixture::~orchestrator_fixture() = default;

void orchestrator_fixture::TearDown() {
  source->release();
  for (auto& one : made) run(one->stop());
  loop.restart();
  loop.poll();
}

orchestrator& orchestrator_fixture::start(const cache_settings& settings) {
  return start(settings, {.source = source, .time = &time});
}

orchestrator& orchestrator_fixture::start(const cache_settings& settings, orchestrator::parts with) {
  with.lanes.push_back({loop.get_executor(), std::make_unique<shared_l2>(l2)});
  made.push_back(std::make_unique<orchestrator>(settings, std::move(with)));
  return *made.back();
}

result<lookup> orchestrator_fixture::get(orchestrator& cache, const key& wanted, read_options options) {
  return run(cache.get(wanted, options));
}

std::shared_ptr<std::optional<result<lookup>>> orchestrator_fixture::begin_get(orchestrator& cache,
                                                                               const key& wanted,
                                                                               read_options options) {
  auto out = std::make_shared<std::optional<result<lookup>>>();
  asio::co_spawn(loop, cache.get(wanted, options),
                 [out](std::exception_ptr, result<lookup> got) { *out = std::move(got); });
  settle();
  return out;
}

void orchestrator_fixture::settle() {
  loop.restart();
  loop.poll();
}

scope orchestrator_fixture::of(std::string_view customer, std::optional<std::string_view> agent,
                               std::optional<std::string_view> conversation) {
  return *scope::of(customer, agent, conversation);
}

receipt orchestrator_fixture::invalidate(orchestrator& cache, scope what) {
  return *run(cache.invalidate({.what = std::move(what), .reason = "test"}, {}));
}

}  // namespace ctxcache::test
