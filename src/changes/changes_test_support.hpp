#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/run_on.hpp"
#include "changes/intake.hpp"
#include "core/orchestrator_test_support.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache::changes::test {

using ctxcache::test::orchestrator_fixture;

/// A local store, shared by those that a test lets be processes, with a fault for each of them.
class faulty_store final : public shared_store {
 public:
  explicit faulty_store(std::shared_ptr<shared_store> held) : held_(std::move(held)) {}

  bool down = false;  ///< everything is l2_unavailable

  template <class T>
  using answer = boost::asio::awaitable<result<T>>;
  answer<bool> hold(lease wanted, std::chrono::milliseconds term, deadline until) override {
    if (down) co_return unavailable();
    co_return co_await held_->hold(std::move(wanted), term, until);
  }
  answer<void> release(lease held, deadline until) override {
    if (down) co_return errc::l2_unavailable;
    co_return co_await held_->release(std::move(held), until);
  }
  answer<std::optional<std::string>> get(std::string name, deadline until) override {
    if (down) co_return errc::l2_unavailable;
    co_return co_await held_->get(std::move(name), until);
  }
  answer<bool> put(fact what, std::optional<lease> under, deadline until) override {
    if (down) co_return unavailable();
    co_return co_await held_->put(std::move(what), std::move(under), until);
  }
  answer<void> remove(std::string name, deadline until) override {
    return held_->remove(std::move(name), until);
  }
  answer<void> append(std::string list, std::string value, std::size_t most, deadline until) override {
    if (down) co_return errc::l2_unavailable;
    co_return co_await held_->append(std::move(list), std::move(value), most, until);
  }
  answer<std::vector<std::string>> list(std::string list, std::size_t most, deadline until) override {
    if (down) co_return errc::l2_unavailable;
    co_return co_await held_->list(std::move(list), most, until);
  }
  answer<bool> take(std::string list, std::string value, deadline until) override {
    if (down) co_return unavailable();
    co_return co_await held_->take(std::move(list), std::move(value), until);
  }
  answer<void> mark(std::string set, std::vector<std::uint32_t> places, std::chrono::milliseconds life,
                    deadline until) override {
    return held_->mark(std::move(set), std::move(places), life, until);
  }
  answer<std::size_t> marked(std::string set, deadline until) override {
    return held_->marked(std::move(set), until);
  }
  boost::asio::awaitable<void> stop() override { co_return; }  // the others go on using it

 private:
  // An error_code converts to bool too.
  static result<bool> unavailable() { return {boost::system::in_place_error, errc::l2_unavailable}; }

  std::shared_ptr<shared_store> held_;
};

/// Processes of a fleet, each with an intake, on one loop.
class intake_fixture : public orchestrator_fixture {
 protected:
  void TearDown() override {
    for (auto& one : intakes) run(one->stop());
    intakes.clear();
    orchestrator_fixture::TearDown();
  }

  intake& open(orchestrator& cache, const std::shared_ptr<shared_store>& with,
               intake_settings settings = {}) {
    if (settings.rules.empty()) settings.rules = default_rules();
    auto hear = [this](const change& one) { heard.push_back(one.type); };
    intakes.push_back(
        std::make_unique<intake>(cache, std::move(settings), loop.get_executor(), with, hear, time));
    return *intakes.back();
  }
  intake& open() { return open(start(), store); }

  outcome take(intake& into, change one) { return run(into.take(std::move(one), {})); }
  /// What becomes of several that come at once.
  std::vector<outcome> take_all(intake& into, const std::vector<change>& all) {
    std::vector<boost::asio::awaitable<outcome>> works;
    for (const auto& one : all) works.push_back(into.take(one, {}));
    return run(ctxcache::gather(std::move(works)));
  }
  std::vector<dead_letter> letters(intake& of) { return *run(of.dead_letters({})); }
  /// A plain event of cust_1.
  static change about(std::string type, std::string id = {}) {
    return {.type = std::move(type),
            .source = "crm",
            .id = std::move(id),
            .document = R"({"customer_id":"cust_1"})"};
  }

  std::shared_ptr<shared_store> shared = make_local_shared_store(time);
  std::shared_ptr<faulty_store> store = std::make_shared<faulty_store>(shared);
  std::vector<std::unique_ptr<intake>> intakes;
  std::vector<std::string> heard;
};

}  // namespace ctxcache::changes::test
