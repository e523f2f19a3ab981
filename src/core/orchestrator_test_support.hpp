#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "ctxcache/orchestrator.hpp"
#include "support/fake_l2.hpp"
#include "support/fake_source.hpp"
#include "support/manual_clock.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {

/// Orchestrators of one lane over fakes, driven by hand: processes that share an L2 and a source.
class orchestrator_fixture : public testing::Test {
 protected:
  orchestrator_fixture();
  ~orchestrator_fixture() override;
  void TearDown() override;

  orchestrator& start(const cache_settings& settings = {});
  /// The same of those parts, to which its lane is added.
  orchestrator& start(const cache_settings& settings, orchestrator::parts with);

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return run_coroutine(loop, std::move(work));
  }
  void run(boost::asio::awaitable<void> work) { run_coroutine(loop, std::move(work)); }

  result<lookup> get(orchestrator& cache, const key& wanted, read_options options = {});
  /// Starts a read and lets everything go as far as it can without time passing.
  std::shared_ptr<std::optional<result<lookup>>> begin_get(orchestrator& cache, const key& wanted,
                                                           read_options options = {});
  void settle();
  static scope of(std::string_view customer, std::optional<std::string_view> agent = std::nullopt,
                  std::optional<std::string_view> conversation = std::nullopt);
  receipt invalidate(orchestrator& cache, scope what);

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
