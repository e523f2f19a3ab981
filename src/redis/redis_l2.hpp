#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/l2_cache.hpp"
#include "redis/breaker.hpp"
#include "redis/connection.hpp"
#include "redis/scripts.hpp"

namespace ctxcache::redis {

/// The shared tier in Redis. A value is a string under the key's text, with a TTL. The breaker counts what
/// costs a caller its time, which is timeouts; without a connection calls fail at once anyway.
class redis_l2 final : public l2_cache {
 public:
  redis_l2(boost::asio::any_io_executor home, connection::options with, const clock& time);

  [[nodiscard]] boost::asio::awaitable<result<hit>> get(key wanted, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted,
                                                                          deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<bool>> put(key where, entry_ptr value, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::size_t>> unlink(std::vector<key> gone, position before,
                                                                   deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<page>> scan(std::string glob, std::uint64_t cursor,
                                                          deadline until) override;
  [[nodiscard]] health report() const override;
  [[nodiscard]] boost::asio::awaitable<void> stop() override;

 private:
  [[nodiscard]] boost::asio::awaitable<result<std::vector<reply>>> ask(batch what, deadline until);
  /// A call for each element of `each`: the number of keys, the keys, the arguments. They are borrowed until
  /// it returns.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<reply>>> call(
      const script& what, std::vector<std::vector<std::string_view>> each, deadline until);
  [[nodiscard]] result<hit> read_value(const key& wanted, const reply& value, const reply& life);

  const clock& time_;
  connection connection_;
  breaker breaker_;
  std::atomic<bool> skipped_{false};  // the breaker is not closed; for report(), on any thread
};

}  // namespace ctxcache::redis
