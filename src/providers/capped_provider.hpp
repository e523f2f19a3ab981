#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "ctxcache/provider.hpp"
#include "providers/concurrency_cap.hpp"
#include "providers/health_record.hpp"

namespace ctxcache::providers {

/// What all providers share: they live on a serial executor of their own, to which `ask` hops and back; a cap
/// on what runs at a time; the section's timeout; health.
class capped_provider : public provider, public std::enable_shared_from_this<capped_provider> {
 public:
  [[nodiscard]] boost::asio::awaitable<result<section_answer>> ask(const section_query& query, key wanted,
                                                                   deadline until) final;
  [[nodiscard]] health report() const final { return health_.read(); }
  /// New calls are refused, those under way end; then connections are closed.
  [[nodiscard]] boost::asio::awaitable<void> stop() final;

 protected:
  capped_provider(boost::asio::any_io_executor home, concurrency_cap::limits at_most, std::string subject)
      : home_(std::move(home)), cap_(at_most), health_(std::move(subject)) {}

  /// Asks now: on the home executor, a slot in hand, `until` still ahead. Ends by `until`.
  [[nodiscard]] virtual boost::asio::awaitable<outcome> answer(const section_query& query, const key& wanted,
                                                               time_point until) = 0;
  /// Closes what is idle. On the home executor, when nothing is under way.
  virtual void close() = 0;

  [[nodiscard]] const boost::asio::any_io_executor& home() const { return home_; }

 private:
  [[nodiscard]] boost::asio::awaitable<result<section_answer>> ask_at_home(const section_query& query,
                                                                           key wanted, time_point until);
  [[nodiscard]] boost::asio::awaitable<void> stop_at_home();

  boost::asio::any_io_executor home_;
  concurrency_cap cap_;  // Belongs to home_.
  health_record health_;
};

}  // namespace ctxcache::providers
