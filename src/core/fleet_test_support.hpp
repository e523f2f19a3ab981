#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

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

  process join(const fleet_settings& settings = {});
  orchestrator& with_log(std::unique_ptr<log_store> store, const fleet_settings& settings);

  /// Lets everything go on until that is so.
  template <class Condition>
  [[nodiscard]] bool comes_true(Condition holds) {
    constexpr int looks_max = 100'000;  // each ends with the next event
    loop.restart();
    for (int look = 0; look < looks_max && !holds(); ++look) loop.run_one_for(std::chrono::milliseconds{1});
    return holds();
  }
  origin from(const process& one, const key& wanted, read_options options = {});
  result<receipt> invalidate(const process& one, scope what, bool fence = false);
  /// Its receipt appears in what is returned.
  std::shared_ptr<std::optional<result<receipt>>> begin_invalidate(const process& one, scope what,
                                                                   bool fence = false);
  void pass(boot_clock::duration by) { time.advance(by); }

  std::shared_ptr<fake_log> log = std::make_shared<fake_log>();

 private:
  [[nodiscard]] deadline soon() const;
};

}  // namespace ctxcache::test
