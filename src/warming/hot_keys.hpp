#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/orchestrator.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache::warming {

/// Which keys belong into the L1 of a process, besides those it is asked for:
///
///     fact warm/hot       the hottest keys of the fleet: each process now and then puts its own in front
///     list warm/filled    the last jobs that have filled L2
///     fact warm/ID/keys   up to 5,000 keys of such a job
///
/// All are lists of keys' texts as JSON. Values come from L2, and evict nothing. Belongs to the executor of
/// the store.
class hot_keys {
 public:
  /// Of a job, told to the other processes.
  static constexpr std::size_t keys_told_max = 5'000;

  hot_keys(orchestrator& cache, std::shared_ptr<shared_store> shared, const clock& time, std::size_t kept);

  /// Takes the hottest keys of before into L1: how many.
  [[nodiscard]] boost::asio::awaitable<std::size_t> restore(deadline until);
  /// Notes what is hot here.
  [[nodiscard]] boost::asio::awaitable<void> note();

  /// Tells the other processes what a job has filled L2 with.
  [[nodiscard]] boost::asio::awaitable<void> tell(std::string job, const std::vector<key>& keys);
  /// Takes into the free room of L1 what jobs of others have filled L2 with since the last call: first what
  /// was hot here when that was last noted.
  [[nodiscard]] boost::asio::awaitable<void> follow();

 private:
  [[nodiscard]] boost::asio::awaitable<result<std::vector<std::string>>> read(std::string name,
                                                                              deadline until);
  [[nodiscard]] boost::asio::awaitable<void> write(std::string name, const std::vector<std::string>& keys,
                                                   std::chrono::milliseconds life);
  /// False when the store could not say what it has filled.
  [[nodiscard]] boost::asio::awaitable<bool> take_up(std::string job);
  [[nodiscard]] boost::asio::awaitable<std::size_t> fetch(std::vector<std::string> keys, deadline until);
  [[nodiscard]] deadline soon() const;

  orchestrator& cache_;
  std::shared_ptr<shared_store> shared_;
  const clock& time_;
  const std::size_t kept_;
  std::unordered_set<std::string> hot_;   // here, when it was last noted
  std::unordered_set<std::string> seen_;  // of `warm/filled`
  bool followed_ = false;                 // what was filled before this process began is not for it
};

}  // namespace ctxcache::warming
