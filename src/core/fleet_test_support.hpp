#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/orchestrator_test_support.hpp"
#include "support/fake_log_store.hpp"

namespace ctxcache::test {

/// Processes that share a log, an L2 and a source. Their clock stands still; their timers run in real time.
class fleet : public orchestrator_fixture {
 protected:
  struct process {
    orchestrator* cache;
    fake_log_store* store;
    std::string id;
  };

  process join(const fleet_settings& settings = {}) {
    auto store = std::make_unique<fake_log_store>(log, time);
    auto* way = store.get();
    auto& cache = with_log(std::move(store), settings);
    EXPECT_TRUE(run(cache.start(deadline::after(time.now(), std::chrono::seconds{10}))));
    return {&cache, way, cache.fleet().member};
  }
  orchestrator& with_log(std::unique_ptr<log_store> store, const fleet_settings& settings) {
    orchestrator::parts with{.source = source, .time = &time, .log = std::move(store), .fleet = settings};
    with.lanes.push_back({loop.get_executor(), std::make_unique<shared_l2>(l2)});
    made.push_back(std::make_unique<orchestrator>(cache_settings{}, std::move(with)));
    return *made.back();
  }
  /// Lets everything go on until that is so.
  template <class Condition>
  [[nodiscard]] bool comes_true(Condition holds) {
    constexpr int looks_max = 100'000;  // each ends with the next event
    loop.restart();
    for (int look = 0; look < looks_max && !holds(); ++look) loop.run_one_for(std::chrono::milliseconds{1});
    return holds();
  }
  origin from(const process& one, const key& wanted, read_options options = {}) {
    const auto got = get(*one.cache, wanted, options);
    EXPECT_TRUE(got) << got.error().message();
    return got ? got->from : origin::stale;
  }
  result<receipt> invalidate(const process& one, scope what, bool fence = false) {
    return run(one.cache->invalidate({.what = std::move(what), .reason = "test", .fence = fence},
                                     deadline::after(time.now(), std::chrono::seconds{10})));
  }
  /// Its receipt appears in what is returned.
  std::shared_ptr<std::optional<result<receipt>>> begin_invalidate(const process& one, scope what,
                                                                   bool fence = false) {
    auto out = std::make_shared<std::optional<result<receipt>>>();
    boost::asio::co_spawn(loop,
                          one.cache->invalidate({.what = std::move(what), .fence = fence},
                                                deadline::after(time.now(), std::chrono::seconds{10})),
                          [out](std::exception_ptr, result<receipt> got) { *out = std::move(got); });
    return out;
  }
  void pass(boot_clock::duration by) { time.advance(by); }

  std::shared_ptr<fake_log> log = std::make_shared<fake_log>();
};

}  // namespace ctxcache::test
