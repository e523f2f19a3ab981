#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/deadline.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache {

/// How the processes of a fleet ask each other how many entries of a scope each of them holds. It stands
/// beside the log and keeps off it: questions and answers may be lost at any time, and nothing is decided by
/// them.
///
/// One instance belongs to one executor: call it only from there. None throws. Expected failures:
/// l2_unavailable, l2_timeout, l2_failed.
/// Implementations: in Redis; the tests' fake.
class roll_call {
 public:
  virtual ~roll_call() = default;

  struct opened {
    std::string id;                      ///< of the question
    std::vector<std::string> members{};  ///< of the fleet, as registered now
  };
  /// Puts a question to all.
  [[nodiscard]] virtual boost::asio::awaitable<result<opened>> ask(scope what, deadline until) = 0;

  struct answer {
    std::string member;
    std::size_t entries = 0;
  };
  /// What has been answered so far.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::vector<answer>>> answers(std::string id,
                                                                                    deadline until) = 0;

  struct question {
    std::string id;
    scope what;
  };
  /// What has been asked since the last call, or lately. Waits for a question for about so long; where the
  /// server is not to hold calls back, not at all. One call at a time.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::vector<question>>> next(
      std::chrono::milliseconds wait) = 0;
  [[nodiscard]] virtual boost::asio::awaitable<result<void>> say(std::string id, answer mine,
                                                                 deadline until) = 0;

  /// Closes connections; calls under way end with l2_unavailable. Call it once, before destruction.
  [[nodiscard]] virtual boost::asio::awaitable<void> stop() = 0;
};

struct roll_call_options {
  std::string url = "redis://localhost:6379";  ///< as in l2_options
  std::string prefix = "{ctxcache}";           ///< as in log_store_options: who is registered stands there
  bool may_block = true;                       ///< false: some proxies and hosted servers do not allow it
  std::string client_name = "ctxcache-roll-call";
  std::chrono::milliseconds connect_timeout{1'000};
  std::chrono::milliseconds reconnect_min{50};
  std::chrono::milliseconds reconnect_max{2'000};
};

/// The one in Redis, over two connections, the second from the first `next` on. Otherwise as `make_redis_l2`
/// (backends.hpp).
[[nodiscard]] result<std::unique_ptr<roll_call>> make_redis_roll_call(boost::asio::any_io_executor home,
                                                                      const roll_call_options& options,
                                                                      const clock& time = machine_clock());

}  // namespace ctxcache
