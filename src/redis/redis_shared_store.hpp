#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/shared_store.hpp"
#include "redis/client.hpp"

namespace ctxcache::redis {

/// Shared facts in Redis, each under `PREFIX:KIND:NAME` with a TTL: a lease is a string, its holder; a fact
/// is a string; a list is a list, its newest value last; marks are a string of bits.
class redis_shared_store final : public shared_store {
 public:
  redis_shared_store(boost::asio::any_io_executor home, connection::options link, std::string prefix,
                     const clock& time);

  [[nodiscard]] boost::asio::awaitable<result<bool>> hold(lease wanted, std::chrono::milliseconds term,
                                                          deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<void>> release(lease held, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::optional<std::string>>> get(std::string name,
                                                                               deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<bool>> put(fact what, std::optional<lease> under,
                                                         deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<void>> remove(std::string name, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<void>> append(std::string list, std::string value,
                                                            std::size_t most, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::vector<std::string>>> list(std::string list,
                                                                              std::size_t most,
                                                                              deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<bool>> take(std::string list, std::string value,
                                                          deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<bool>> replace(std::string list, std::string value,
                                                             std::string by, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<void>> mark(std::string set, std::vector<std::uint32_t> places,
                                                          std::chrono::milliseconds life,
                                                          deadline until) override;
  [[nodiscard]] boost::asio::awaitable<result<std::size_t>> marked(std::string set, deadline until) override;
  [[nodiscard]] boost::asio::awaitable<void> stop() override;

 private:
  /// The number in an answer.
  [[nodiscard]] result<std::int64_t> number(const result<reply>& answer);

  [[nodiscard]] std::string lease_key(std::string_view name) const {
    return prefix_ + ":lease:" + std::string{name};
  }
  [[nodiscard]] std::string fact_key(std::string_view name) const {
    return prefix_ + ":fact:" + std::string{name};
  }
  [[nodiscard]] std::string list_key(std::string_view name) const {
    return prefix_ + ":list:" + std::string{name};
  }
  [[nodiscard]] std::string marks_key(std::string_view name) const {
    return prefix_ + ":marks:" + std::string{name};
  }

  std::string prefix_;
  client redis_;
};

}  // namespace ctxcache::redis
