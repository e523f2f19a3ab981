#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/orchestrator_test_support.hpp"
#include "ctxcache/customer_list.hpp"
#include "ctxcache/shared_store.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::warming {

/// A shared store that a test cuts off from one process.
class frail_store final : public shared_store {
 public:
  explicit frail_store(std::shared_ptr<std::shared_ptr<shared_store>> of) : of_(std::move(of)) {}
  bool down = false;
  std::size_t marks_refused = 0;
  std::string forgetful;  ///< a fact that cannot be read while its name ends with that; empty: none
  std::size_t reads_refused = 0;

  boost::asio::awaitable<result<bool>> hold(lease wanted, std::chrono::milliseconds term,
                                            deadline until) override {
    if (down) return refused<bool>();
    return store().hold(std::move(wanted), term, until);
  }
  boost::asio::awaitable<result<void>> release(lease held, deadline until) override {
    if (down) return refused<void>();
    return store().release(std::move(held), until);
  }
  boost::asio::awaitable<result<std::optional<std::string>>> get(std::string name, deadline until) override {
    if (down) return refused<std::optional<std::string>>();
    if (!forgetful.empty() && name.ends_with(forgetful)) {
      ++reads_refused;
      return refused<std::optional<std::string>>();
    }
    return store().get(std::move(name), until);
  }
  boost::asio::awaitable<result<bool>> put(fact what, std::optional<lease> under, deadline until) override {
    if (down) return refused<bool>();
    return store().put(std::move(what), std::move(under), until);
  }
  boost::asio::awaitable<result<void>> remove(std::string name, deadline until) override {
    if (down) return refused<void>();
    return store().remove(std::move(name), until);
  }
  boost::asio::awaitable<result<void>> append(std::string to, std::string value, std::size_t most,
                                              deadline until) override {
    if (down) return refused<void>();
    return store().append(std::move(to), std::move(value), most, until);
  }
  boost::asio::awaitable<result<std::vector<std::string>>> list(std::string name, std::size_t most,
                                                                deadline until) override {
    if (down) return refused<std::vector<std::string>>();
    return store().list(std::move(name), most, until);
  }
  boost::asio::awaitable<result<bool>> take(std::string from, std::string value, deadline until) override {
    if (down) return refused<bool>();
    return store().take(std::move(from), std::move(value), until);
  }
  boost::asio::awaitable<result<void>> mark(std::string set, std::vector<std::uint32_t> places,
                                            std::chrono::milliseconds life, deadline until) override {
    if (down) {
      ++marks_refused;
      return refused<void>();
    }
    return store().mark(std::move(set), std::move(places), life, until);
  }
  boost::asio::awaitable<result<std::size_t>> marked(std::string set, deadline until) override {
    if (down) return refused<std::size_t>();
    return store().marked(std::move(set), until);
  }
  boost::asio::awaitable<void> stop() override { co_return; }

 private:
  [[nodiscard]] shared_store& store() const { return **of_; }
  template <class T>
  static boost::asio::awaitable<result<T>> refused() {
    co_return result<T>{boost::system::in_place_error, errc::l2_unavailable};
  }

  std::shared_ptr<std::shared_ptr<shared_store>> of_;  // so that it can lose everything
};

/// Customers "c0000001" … in pages.
class fake_segment final : public customer_list {
 public:
  explicit fake_segment(std::size_t customers, std::size_t at_a_time)
      : customers_(customers), page_(at_a_time) {}
  std::optional<error_code> failure;  ///< of every page while it stands
  std::size_t pages_read = 0;
  std::function<void(const std::string& after)> on_read = [](const std::string&) {};

  static std::string id(std::size_t number) {
    auto digits = std::to_string(number);
    return "c" + std::string(7 - digits.size(), '0') + digits;
  }

  boost::asio::awaitable<result<page>> next(std::string after, deadline) override {
    ++pages_read;
    on_read(after);
    const auto here = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(here, boost::asio::use_awaitable);
    if (failure) co_return *failure;
    const auto first = after.empty() ? std::size_t{1} : std::stoul(after.substr(1)) + 1;
    page found;
    for (auto n = first; n < first + page_ && n <= customers_; ++n) found.ids.push_back(id(n));
    if (first + page_ <= customers_) found.last = found.ids.back();
    co_return found;
  }

 private:
  std::size_t customers_;
  std::size_t page_;
};

/// A source in which some customers are bad or do not exist.
class picky_source final : public context_source {
 public:
  explicit picky_source(std::shared_ptr<test::fake_source> behind) : behind_(std::move(behind)) {}
  std::map<std::string, error_code> failures;
  std::set<std::string> unknown;
  std::map<std::string, int> loads;  ///< by key

  boost::asio::awaitable<result<provided_context>> load(key wanted, deadline until) override {
    ++loads[wanted.text()];
    const auto customer = wanted.customer_id();
    if (failures.contains(customer)) co_return failures.at(customer);
    provided_context nobody{.unknown = true};
    if (unknown.contains(customer)) co_return nobody;
    co_return co_await behind_->load(std::move(wanted), until);
  }

 private:
  std::shared_ptr<test::fake_source> behind_;
};

/// Processes of a fleet, each with a cache and a warmer, over one L2, one shared store and one loop.
class warming_fleet : public test::orchestrator_fixture {
 protected:
  struct process {
    std::shared_ptr<frail_store> store;
    orchestrator* cache = nullptr;
    std::unique_ptr<warmer> warming;
  };

  warming_fleet() {
    add_segment("enterprise", 4, 2);
    add_segment("at_risk", 3, 2);
  }
  void TearDown() override {
    source->failure.reset();
    source->release();
    for (auto& one : processes) run(one->warming->stop());
    processes.clear();
    orchestrator_fixture::TearDown();
  }

  /// For the processes that start from then on.
  std::shared_ptr<fake_segment> add_segment(const std::string& name, std::size_t customers,
                                            std::size_t at_a_time) {
    auto list = std::make_shared<fake_segment>(customers, at_a_time);
    segments[name] = list;
    return list;
  }

  /// A process that is up; its chores go on while the loop runs.
  process& start_process(const warmer_settings& how = {}, cache_settings cache = {}) {
    cache.agent_types = {"support", "billing"};
    orchestrator::parts with{.source = picky, .time = &time};
    with.lanes.push_back({loop.get_executor(), std::make_unique<test::shared_l2>(l2)});
    made.push_back(std::make_unique<orchestrator>(cache, std::move(with)));
    auto one = std::make_unique<process>();
    one->store = std::make_shared<frail_store>(facts);
    one->store->down = begin_without_store;
    one->cache = made.back().get();
    warmer_parts parts{.home = loop.get_executor(),
                       .shared = one->store,
                       .segments = segments,
                       .live_p99 = [this](std::chrono::seconds) { return live_p99; },
                       .time = &time};
    one->warming = std::make_unique<warmer>(*one->cache, how, std::move(parts));
    run(one->warming->begin());
    processes.push_back(std::move(one));
    return *processes.back();
  }

  /// Lets the loop run until it is so; fails after half a minute.
  template <class Condition>
  void until(Condition reached, int line = __builtin_LINE()) {
    const auto end = boot_clock::now() + std::chrono::seconds{30};
    loop.restart();
    while (!reached()) {
      ASSERT_LT(boot_clock::now(), end) << "waited for in line " << line;
      loop.run_one_for(std::chrono::milliseconds{10});
      if (loop.stopped()) loop.restart();
    }
  }

  /// The same while the time of the processes goes on: what came too late is tried again.
  template <class Condition>
  void as_time_passes(Condition reached, int line = __builtin_LINE()) {
    until(
        [&] {
          time.advance(std::chrono::milliseconds{10});
          return reached();
        },
        line);
  }

  job_report begin_job(process& by, warm_order order) {
    auto begun = run(by.warming->start(std::move(order), {}));
    EXPECT_TRUE(begun) << begun.error().message();
    EXPECT_FALSE(begun->already_running);
    return begun->job;
  }
  std::optional<job_report> show(process& by, const std::string& id) {
    return *run(by.warming->show(id, {}));
  }
  /// As `by` shows it, once it has ended.
  job_report ended(process& by, const std::string& id) {
    std::optional<job_report> found;
    until([&] {
      found = show(by, id);
      return found && found->ended_at;
    });
    return *found;
  }
  /// Once that is what `by` says of it.
  job_report reached(process& by, const std::string& id, job_report::state wanted) {
    std::optional<job_report> found;
    until([&] {
      found = show(by, id);
      return found && found->now == wanted;
    });
    return *found;
  }
  job_report warm(process& by, warm_order order) {
    const auto id = begin_job(by, std::move(order)).id;
    return ended(by, id);
  }
  key of_customer(std::size_t number, std::string_view agent_type = "support") {
    return *key::make({fake_segment::id(number), agent_type});
  }
  bool is_warm(process& in, const key& wanted) {
    return !run(in.cache->cold({wanted}, std::chrono::milliseconds{0}, {}))[0];
  }

  std::shared_ptr<picky_source> picky = std::make_shared<picky_source>(source);
  std::shared_ptr<std::shared_ptr<shared_store>> facts =
      std::make_shared<std::shared_ptr<shared_store>>(make_local_shared_store(time));
  std::map<std::string, std::shared_ptr<customer_list>> segments;
  std::chrono::microseconds live_p99{0};
  bool begin_without_store = false;
  std::vector<std::unique_ptr<process>> processes;
};

}  // namespace ctxcache::warming
