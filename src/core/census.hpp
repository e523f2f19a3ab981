#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "core/tiers.hpp"
#include "ctxcache/invalidation_log.hpp"
#include "ctxcache/orchestrator.hpp"
#include "ctxcache/roll_call.hpp"

namespace ctxcache {

/// Counts how many entries of a scope each process of the fleet holds in L1 (for dry runs): asks the others,
/// and answers when they ask. Belongs to one executor.
class census {
 public:
  /// `fleet`: null for a process that shares no log.
  census(tiers& shared, const invalidation_log& log, std::unique_ptr<roll_call> fleet,
         boost::asio::any_io_executor home);

  /// Answers in the background from now on.
  void begin(gate& background);
  /// This process first. Waits a second at most for the others; who did not answer lately is not waited for
  /// again so soon.
  [[nodiscard]] boost::asio::awaitable<std::vector<preview::holding>> count(scope what, deadline until);
  /// Questions under way end soon.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  [[nodiscard]] preview::holding own(const scope& what) const;
  [[nodiscard]] boost::asio::awaitable<void> answer(const gate& background);
  [[nodiscard]] boost::asio::awaitable<void> gather_answers(std::vector<preview::holding>& found,
                                                            std::string question, deadline until);
  [[nodiscard]] bool is_waited_for(const preview::holding& one) const;
  void note_silent(const std::vector<preview::holding>& found);

  tiers& shared_;
  const invalidation_log& log_;
  const std::unique_ptr<roll_call> fleet_;
  const boost::asio::any_io_executor home_;
  timer pause_;                               // between two looks for questions
  std::map<std::string, time_point> silent_;  // members that did not answer, until when that counts
  bool stopped_ = false;
};

}  // namespace ctxcache
