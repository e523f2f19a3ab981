#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/orchestrator.hpp"
#include "support/fake_l2.hpp"
#include "support/fake_source.hpp"
#include "support/manual_clock.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {

/// Hands one L2 to several orchestrators, as Redis is shared by processes. On one loop.
class shared_l2 final : public l2_cache {
 public:
  explicit shared_l2(std::shared_ptr<fake_l2> held) : held_(std::move(held)) {}
  boost::asio::awaitable<result<hit>> get(key wanted, deadline until) override {
    return held_->get(std::move(wanted), until);
  }
  boost::asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted,
                                                            deadline until) override {
    return held_->get_many(std::move(wanted), until);
  }
  boost::asio::awaitable<result<bool>> put(key where, entry_ptr value, deadline until) override {
    return held_->put(std::move(where), std::move(value), until);
  }
  boost::asio::awaitable<result<std::size_t>> unlink(std::vector<key> gone, position before,
                                                     deadline until) override {
    return held_->unlink(std::move(gone), before, until);
  }
  boost::asio::awaitable<result<page>> scan(std::string glob, std::uint64_t cursor, deadline until) override {
    return held_->scan(std::move(glob), cursor, until);
  }
  [[nodiscard]] health report() const override { return held_->report(); }
  boost::asio::awaitable<void> stop() override { co_return; }  // the others go on using it

 private:
  std::shared_ptr<fake_l2> held_;
};

/// An orchestrator of one lane over fakes, driven by hand.
class orchestrator_fixture : public testing::Test {
 protected:
  void TearDown() override {
    source->release();
    for (auto& one : made) run(one->stop());
    loop.restart();
    loop.poll();
  }

  /// A process of its own over the same L2 and source.
  orchestrator& start(const cache_settings& settings = {}) {
    orchestrator::parts with{.source = source, .time = &time};
    with.lanes.push_back({loop.get_executor(), std::make_unique<shared_l2>(l2)});
    made.push_back(std::make_unique<orchestrator>(settings, std::move(with)));
    return *made.back();
  }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return run_coroutine(loop, std::move(work));
  }
  void run(boost::asio::awaitable<void> work) { run_coroutine(loop, std::move(work)); }

  result<lookup> get(orchestrator& cache, const key& wanted, read_options options = {}) {
    return run(cache.get(wanted, options));
  }
  /// Starts a read and lets everything go as far as it can without time passing.
  std::shared_ptr<std::optional<result<lookup>>> begin_get(orchestrator& cache, const key& wanted,
                                                           read_options options = {}) {
    auto out = std::make_shared<std::optional<result<lookup>>>();
    boost::asio::co_spawn(loop, cache.get(wanted, options),
                          [out](std::exception_ptr, result<lookup> got) { *out = std::move(got); });
    settle();
    return out;
  }
  void settle() {
    loop.restart();
    loop.poll();
  }
  static scope of(std::string_view customer, std::optional<std::string_view> agent = std::nullopt,
                  std::optional<std::string_view> conversation = std::nullopt) {
    return *scope::of(customer, agent, conversation);
  }
  receipt invalidate(orchestrator& cache, scope what) {
    return *run(cache.invalidate({.what = std::move(what), .reason = "test"}, {}));
  }

  boost::asio::io_context loop{1};
  manual_clock time;
  std::shared_ptr<fake_l2> l2 = std::make_shared<fake_l2>(time);
  std::shared_ptr<fake_source> source = std::make_shared<fake_source>(&time);
  std::vector<std::unique_ptr<orchestrator>> made;

  const key support = *key::make({"cust_1", "support"});
  const key talk = *key::make({"cust_1", "support", "conv_1"});
  const key billing = *key::make({"cust_1", "billing"});
};

}  // namespace ctxcache::test
