#include "core/fleet_test_support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace ctxcache::test {

deadline fleet::soon() const {
  return deadline::after(time.now(), std::chrono::seconds{10});
}

fleet::process fleet::join(const fleet_settings& settings) {
  auto store = std::make_unique<fake_log_store>(log, time);
  auto* way = store.get();
  auto& cache = with_log(std::move(store), settings);
  EXPECT_TRUE(run(cache.start(soon())));
  return {&cache, way, cache.fleet().member};
}

orchestrator& fleet::with_log(std::unique_ptr<log_store> store, const fleet_settings& settings) {
  return start({}, {.source = source, .time = &time, .log = std::move(store), .fleet = settings});
}

origin fleet::from(const process& one, const key& wanted, read_options options) {
  const auto got = get(*one.cache, wanted, options);
  EXPECT_TRUE(got) << got.error().message();
  return got ? got->from : origin::stale;
}

result<receipt> fleet::invalidate(const process& one, scope what, bool fence) {
  return run(one.cache->invalidate({.what = std::move(what), .reason = "test", .fence = fence}, soon()));
}

std::shared_ptr<std::optional<result<receipt>>> fleet::begin_invalidate(const process& one, scope what,
                                                                        bool fence) {
  auto out = std::make_shared<std::optional<result<receipt>>>();
  boost::asio::co_spawn(loop, one.cache->invalidate({.what = std::move(what), .fence = fence}, soon()),
                        [out](std::exception_ptr, result<receipt> got) { *out = std::move(got); });
  return out;
}

}  // namespace ctxcache::test
