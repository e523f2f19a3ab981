#include "changes/changes_test_support.hpp"

#include <utility>

#include "base/run_on.hpp"

namespace ctxcache::changes::test {

intake_fixture::intake_fixture() = default;
intake_fixture::~intake_fixture() = default;

void intake_fixture::TearDown() {
  for (auto& one : intakes) run(one->stop());
  intakes.clear();
  orchestrator_fixture::TearDown();
}

intake& intake_fixture::open(orchestrator& cache, const std::shared_ptr<shared_store>& with,
                             intake_settings settings) {
  if (settings.rules.empty()) settings.rules = default_rules();
  auto hear = [this](const change& one) { heard.push_back(one.type); };
  intakes.push_back(
      std::make_unique<intake>(cache, std::move(settings), loop.get_executor(), with, hear, time));
  return *intakes.back();
}

outcome intake_fixture::take(intake& into, change one) {
  return run(into.take(std::move(one), {}));
}

std::vector<outcome> intake_fixture::take_all(intake& into, const std::vector<change>& all) {
  std::vector<boost::asio::awaitable<outcome>> works;
  for (const auto& one : all) works.push_back(into.take(one, {}));
  return run(gather(std::move(works)));
}

std::vector<dead_letter> intake_fixture::letters(intake& of) {
  return *run(of.dead_letters({}));
}

change intake_fixture::about(std::string type, std::string id) {
  return {.type = std::move(type),
          .source = "crm",
          .id = std::move(id),
          .document = R"({"customer_id":"cust_1"})"};
}

}  // namespace ctxcache::changes::test
