#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/shared_store.hpp"

namespace ctxcache::test {

/// One process' way to the facts of a fleet, with faults of its own. `stop` leaves the facts to the others.
class store_of_process final : public shared_store {
 public:
  explicit store_of_process(std::shared_ptr<shared_store> fleet) : fleet_(std::move(fleet)) {}

  bool down = false;      ///< everything is l2_unavailable
  std::string forgetful;  ///< a fact whose name ends with that is l2_unavailable; empty: none
  int puts_to_lose = 0;   ///< so many are done, and are l2_timeout
  std::size_t marks_refused = 0;
  std::size_t reads_refused = 0;

  /// A store that has lost all facts takes the place of the fleet's.
  void turn_to(std::shared_ptr<shared_store> fleet) { fleet_ = std::move(fleet); }

  template <class T>
  using answer = boost::asio::awaitable<result<T>>;
  answer<bool> hold(lease wanted, std::chrono::milliseconds term, deadline until) override;
  answer<void> release(lease held, deadline until) override;
  answer<std::optional<std::string>> get(std::string name, deadline until) override;
  answer<bool> put(fact what, std::optional<lease> under, deadline until) override;
  answer<void> remove(std::string name, deadline until) override;
  answer<void> append(std::string list, std::string value, std::size_t most, deadline until) override;
  answer<std::vector<std::string>> list(std::string list, std::size_t most, deadline until) override;
  answer<bool> take(std::string list, std::string value, deadline until) override;
  answer<bool> replace(std::string list, std::string value, std::string by, deadline until) override;
  answer<void> mark(std::string set, std::vector<std::uint32_t> places, std::chrono::milliseconds life,
                    deadline until) override;
  answer<std::size_t> marked(std::string set, deadline until) override;
  boost::asio::awaitable<void> stop() override;

 private:
  std::shared_ptr<shared_store> fleet_;
};

}  // namespace ctxcache::test
