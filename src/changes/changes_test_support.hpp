#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "changes/intake.hpp"
#include "core/orchestrator_test_support.hpp"
#include "ctxcache/shared_store.hpp"
#include "support/store_of_process.hpp"

namespace ctxcache::changes::test {

using ctxcache::test::orchestrator_fixture;
using ctxcache::test::store_of_process;

/// Processes of a fleet, each with an intake, on one loop.
class intake_fixture : public orchestrator_fixture {
 protected:
  intake_fixture();
  ~intake_fixture() override;
  void TearDown() override;

  intake& open(orchestrator& cache, const std::shared_ptr<shared_store>& with, intake_settings settings = {});
  intake& open() { return open(start(), store); }

  outcome take(intake& into, change one);
  /// What becomes of several that come at once.
  std::vector<outcome> take_all(intake& into, const std::vector<change>& all);
  std::vector<dead_letter> letters(intake& of);
  /// A plain event of cust_1.
  static change about(std::string type, std::string id = {});

  std::shared_ptr<shared_store> shared = make_local_shared_store(time);
  std::shared_ptr<store_of_process> store = std::make_shared<store_of_process>(shared);
  std::vector<std::unique_ptr<intake>> intakes;
  std::vector<std::string> heard;
};

}  // namespace ctxcache::changes::test
