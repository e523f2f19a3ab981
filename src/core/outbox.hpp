#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/gate.hpp"
#include "base/timer.hpp"
#include "core/journal.hpp"
#include "core/tiers.hpp"
#include "ctxcache/invalidation_log.hpp"
#include "ctxcache/log_store.hpp"

namespace ctxcache {

/// The invalidations of this process that the log does not have: those that it could not be reached for,
/// which wait on disk, and those of the last minute that it lost in a new epoch (rule 11). Until they are
/// published their scopes are pending in the table. Belongs to one executor, but for `size`.
class outbox {
 public:
  using publication = invalidation_log::publication;
  /// Called when a message that waited has been published; `mark` is what is pending for it.
  using delivery = std::function<void(const log_record&, const publication&, std::uint64_t mark)>;

  outbox(tiers& shared, log_store& store, const fleet_settings& settings, boost::asio::any_io_executor home,
         delivery delivered);

  /// Takes up what an earlier process left, before anything else. Errors as journal::open.
  [[nodiscard]] boost::asio::awaitable<result<void>> open();
  /// Publishes what waits, for as long as `background` is open.
  [[nodiscard]] boost::asio::awaitable<void> deliver(const gate& background);

  /// Keeps a message on disk. errc::log_unavailable when there is no journal, else as journal::append.
  [[nodiscard]] boost::asio::awaitable<result<void>> keep(log_record record, std::uint64_t mark);
  /// It is in the log; it may have to be said again.
  void remember(log_record record, const publication& done) {
    remember(std::move(record), done, done.answered_at);
  }
  /// A heartbeat that left at `sent` found the log in this epoch. A failover may have lost the end of others:
  /// what was said in them lately is said again, each scope once.
  void say_again(std::uint64_t epoch, time_point sent);
  /// When a message at that place was published by this process, if it still knows.
  [[nodiscard]] std::optional<time_point> published_at(const position& at) const;

  /// How many wait. Safe to call from every thread.
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.load(); }
  void wake() { pause_.cancel(); }
  void stop() { journal_.stop(); }

 private:
  struct letter {
    log_record said;
    std::uint64_t mark;                 // pending in the table
    bool on_disk;                       // in the journal, in the same order
    bool written = true;                // false: the journal is at it
    std::optional<time_point> since{};  // when the log had it first
  };
  struct said {
    log_record what;
    publication done;
    time_point since;  // when the log had it first: saying it again makes it no younger
  };

  [[nodiscard]] boost::asio::awaitable<bool> deliver_some();
  [[nodiscard]] boost::asio::awaitable<void> forget_on_disk(std::size_t count);
  void remember(log_record record, const publication& done, time_point since);
  void count() { waiting_.store(letters_.size()); }

  tiers& shared_;
  log_store& store_;
  const delivery delivered_;
  journal journal_;
  timer pause_;
  std::deque<letter> letters_;   // oldest first
  std::size_t unforgotten_ = 0;  // published, and in the journal still
  std::deque<said> recent_;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace ctxcache
