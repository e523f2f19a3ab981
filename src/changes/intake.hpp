#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "changes/rules.hpp"
#include "ctxcache/change_source.hpp"
#include "ctxcache/orchestrator.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache::changes {

/// The longest document of an event.
inline constexpr std::size_t document_bytes_max = std::size_t{256} << 10;

/// What became of one event.
struct outcome {
  enum class verdict {
    invalidated,  ///< `receipts` say what
    ignored,      ///< no rule is for its type
    duplicate,    ///< an event of that source and id has been taken within the window, or is a dead letter
    rejected,     ///< it can never be applied, and is a dead letter: `why` says what is wrong
    failed,       ///< it could not be applied now: send it again
  };
  verdict what = verdict::ignored;
  std::string type;
  std::string source{};
  std::string id{};
  std::string why{};
  error_code error{};               ///< of failed
  std::vector<receipt> receipts{};  ///< of invalidated: one a scope
  std::uint64_t number = 0;         ///< in this process' list of recent outcomes
  std::chrono::system_clock::time_point at{};
};

/// An event that could not be applied, kept until it is replayed.
struct dead_letter {
  std::string number;  ///< names it
  std::string why;
  change what;
  std::chrono::system_clock::time_point at{};
};

struct intake_settings {
  std::vector<rule> rules;
  std::chrono::milliseconds dedupe_window{600'000};
  std::chrono::milliseconds merge_window{5};  ///< events for one scope within it are one invalidation; 0: off
  std::size_t dead_letters_max = 1'000;
};

/// Turns events into invalidations. Safe to call from every thread.
class intake {
 public:
  /// `shared` is called on `home` only, and so is `on_event`, which hears of every event when it has been
  /// taken, rules or not: of no duplicate, of no failed one, of no replay.
  intake(orchestrator& cache, intake_settings settings, boost::asio::any_io_executor home,
         std::shared_ptr<shared_store> shared, std::function<void(const change&)> on_event,
         const clock& time = machine_clock());
  ~intake();
  intake(const intake&) = delete;
  intake& operator=(const intake&) = delete;

  /// The event has taken effect when it returns `invalidated`, as after `orchestrator::invalidate`.
  [[nodiscard]] boost::asio::awaitable<outcome> take(change one, deadline until);

  /// The outcomes of this process behind `after`, oldest first, at most `most` of the last 1,000; waits for
  /// one to come until then. Without `after`, the newest.
  [[nodiscard]] boost::asio::awaitable<std::vector<outcome>> recent(std::optional<std::uint64_t> after,
                                                                    std::size_t most, deadline until);

  /// Of the whole fleet, oldest first.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<dead_letter>>> dead_letters(deadline until);
  /// Takes it again, repeated or not; it leaves the list when it is applied or ignored. Null when there is no
  /// such letter.
  [[nodiscard]] boost::asio::awaitable<result<std::optional<outcome>>> replay(std::string number,
                                                                              deadline until);

  struct counts {
    std::uint64_t invalidated = 0;
    std::uint64_t ignored = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t rejected = 0;
    std::uint64_t failed = 0;
    std::uint64_t merged = 0;      ///< of the invalidated: shared another's invalidation
    std::uint64_t unsigned_ = 0;   ///< refused before they were read: no signature, or none that holds
    std::uint64_t unreadable = 0;  ///< what was no event
  };
  /// Events that never came as far as `take`.
  void count_unsigned() noexcept;
  void count_unreadable() noexcept;
  [[nodiscard]] counts stats() const;
  /// Takes no more, and waits for the last invalidation. Call it before the orchestrator's and the store's.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

[[nodiscard]] std::string_view name(outcome::verdict what);

}  // namespace ctxcache::changes
