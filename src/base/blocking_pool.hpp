#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace ctxcache {

/// Threads for calls that block (SQLite, files, fsync), so that no event loop waits for a disk. Safe to call
/// from every thread. What is running ends before the pool does; the loops of the callers outlive the pool.
/// In the simulator (tests/sim), which has one thread, the work is done on the caller's executor.
class blocking_pool {
 public:
  explicit blocking_pool(std::size_t threads) : threads_(threads) {}
  ~blocking_pool() { join(); }
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;

  /// Calls `work`, which must not throw, on one of the threads, and resumes the caller on its own executor.
  template <class Work>
  [[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&>> run(Work work) {
    using token = const boost::asio::use_awaitable_t<>;
    using value = std::invoke_result_t<Work&>;
    if constexpr (std::is_void_v<value>) {
      return boost::asio::async_initiate<token, void()>(start{threads_}, boost::asio::use_awaitable,
                                                        std::move(work));
    } else {
      return boost::asio::async_initiate<token, void(value)>(start{threads_}, boost::asio::use_awaitable,
                                                             std::move(work));
    }
  }

  /// Waits for all that was started. No `run` afterwards.
  void join() { threads_.join(); }

 private:
#ifdef CTX_VIRTUAL_TIME
  struct pool {
    explicit pool(std::size_t) {}
    void join() {}
  };
#else
  using pool = boost::asio::thread_pool;
#endif

  struct start {
    pool& threads;

    template <class Handler, class Work>
    void operator()(Handler&& handler, Work work) {
      // The guard keeps the caller's loop running while nothing but this work is under way.
      auto home = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
#ifdef CTX_VIRTUAL_TIME
      const auto where = home.get_executor();
#else
      const auto where = threads.get_executor();
#endif
      boost::asio::post(where, [handler = std::forward<Handler>(handler), work = std::move(work),
                                home = std::move(home)]() mutable {
        if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
          work();
          boost::asio::post(home.get_executor(), std::move(handler));
        } else {
          boost::asio::post(home.get_executor(), [handler = std::move(handler), value = work()]() mutable {
            std::move(handler)(std::move(value));
          });
        }
      });
    }
  };

  pool threads_;
};

}  // namespace ctxcache
