#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctxcache/provider.hpp"
#include "support/manual_clock.hpp"

namespace ctxcache::test {

/// A source whose truth the test writes. For one executor: the test's own loop.
class fake_source final : public context_source {
 public:
  explicit fake_source(manual_clock* time = nullptr) : time_(time) {}

  std::string truth = R"({"version":1})";  ///< what a load that asks now gets
  std::optional<error_code> failure;       ///< a load that asks now fails with it
  bool partial = false;
  bool unknown = false;
  std::chrono::milliseconds settle{0};
  bool held = false;                 ///< loads that have read the truth wait until `release`
  boot_clock::duration load_time{};  ///< passes on `time` while a load goes on
  int loads = 0;
  int running_max = 0;

  boost::asio::awaitable<result<provided_context>> load(key, deadline) override;

  /// Lets the loads that wait go on with what they read.
  void release();
  /// Lets the one go on that waits the longest.
  void step();
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  manual_clock* time_;
  int running_ = 0;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting_;
};

}  // namespace ctxcache::test
