#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/orchestrator_test_support.hpp"
#include "ctxcache/customer_list.hpp"
#include "ctxcache/shared_store.hpp"
#include "support/store_of_process.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::warming {

/// Customers "c0000001" … in pages.
class fake_segment final : public customer_list {
 public:
  fake_segment(std::size_t customers, std::size_t at_a_time) : customers_(customers), page_(at_a_time) {}
  std::optional<error_code> failure;  ///< of every page while it stands
  std::size_t pages_read = 0;
  std::function<void(const std::string& after)> on_read = [](const std::string&) {};

  static std::string id(std::size_t number);
  boost::asio::awaitable<result<page>> next(std::string after, deadline) override;

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

  boost::asio::awaitable<result<provided_context>> load(key wanted, deadline until) override;

 private:
  std::shared_ptr<test::fake_source> behind_;
};

/// Processes of a fleet, each with a cache and a warmer, over one L2, one shared store and one loop.
class warming_fleet : public test::orchestrator_fixture {
 protected:
  struct process {
    std::shared_ptr<test::store_of_process> store;
    orchestrator* cache = nullptr;
    std::unique_ptr<warmer> warming;
  };

  warming_fleet();
  ~warming_fleet() override;
  void TearDown() override;

  /// For the processes that start from then on.
  std::shared_ptr<fake_segment> add_segment(const std::string& name, std::size_t customers,
                                            std::size_t at_a_time);
  /// A process that is up; its chores go on while the loop runs.
  process& start_process(const warmer_settings& how = {}, cache_settings cache = {});
  /// The store is there, and empty.
  void lose_facts();

  /// Lets the loop run until it is so; fails when that takes longer than `patience`.
  void until(const std::function<bool()>& reached, int line = __builtin_LINE());
  /// The same while the time of the processes goes on: what came too late is tried again.
  void as_time_passes(const std::function<bool()>& reached, int line = __builtin_LINE());

  job_report begin_job(process& by, warm_order order);
  std::optional<job_report> show(process& by, const std::string& id);
  /// As `by` shows it, once it has ended.
  job_report ended(process& by, const std::string& id);
  /// Once that is what `by` says of it.
  job_report reached(process& by, const std::string& id, job_report::state wanted);
  job_report warm(process& by, warm_order order);
  static key of_customer(std::size_t number, std::string_view agent_type = "support");
  bool is_warm(process& in, const key& wanted);

  std::shared_ptr<picky_source> picky = std::make_shared<picky_source>(source);
  std::shared_ptr<shared_store> facts = make_local_shared_store(time);
  std::map<std::string, std::shared_ptr<customer_list>> segments;
  std::chrono::microseconds live_p99{0};
  bool begin_without_store = false;
  std::chrono::seconds patience{30};
  std::vector<std::unique_ptr<process>> processes;
};

}  // namespace ctxcache::warming
