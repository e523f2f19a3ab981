#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string_view>

namespace ctxcache {

/// Where background coroutines start: it counts the running, starts none once closed, and waits for the last.
/// The only place where a coroutine runs detached. Safe to call from every thread.
class gate {
 public:
  gate() = default;
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  ~gate();

  /// Starts `work` on `where`. False, and nothing started, once closed. An exception that leaves `work` is a
  /// defect: it is logged under `name` and the process goes on.
  bool spawn(const boost::asio::any_io_executor& where, std::string_view name,
             boost::asio::awaitable<void> work);

  /// Starts no new work from now on.
  void close() noexcept { closed_.store(true); }
  [[nodiscard]] bool closed() const noexcept { return closed_.load(); }
  [[nodiscard]] std::size_t running() const noexcept { return running_.load(); }

  /// Closes, then returns when the last coroutine has ended.
  [[nodiscard]] boost::asio::awaitable<void> drain();

 private:
  std::atomic<bool> closed_{false};
  std::atomic<std::size_t> running_{0};
};

}  // namespace ctxcache
