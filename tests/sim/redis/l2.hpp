#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/l2_cache.hpp"
#include "redis/wire.hpp"

namespace ctxcache::sim {

/// L2 in a simulated Redis: the real encoding, compared and unlinked as the scripts do.
class l2 final : public l2_cache {
 public:
  l2(std::shared_ptr<wire> over, const clock& time) : wire_(over), link_(std::move(over)), time_(time) {}

  boost::asio::awaitable<result<hit>> get(key wanted, deadline until) override;
  boost::asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted, deadline until) override;
  boost::asio::awaitable<result<bool>> put(key where, entry_ptr value, deadline until) override;
  boost::asio::awaitable<result<std::size_t>> unlink(std::vector<key> gone, position before,
                                                     deadline until) override;
  boost::asio::awaitable<result<page>> scan(std::string glob, std::uint64_t cursor, deadline until) override;
  [[nodiscard]] health report() const override;
  boost::asio::awaitable<void> stop() override;

 private:
  /// A value as it comes over the wire; no bytes: a miss.
  struct answered {
    std::string bytes;
    std::chrono::milliseconds remaining{0};
  };
  boost::asio::awaitable<result<std::vector<answered>>> fetch(std::vector<key> wanted, deadline until);
  [[nodiscard]] result<hit> decode(const key& wanted, const answered& got) const;

  std::shared_ptr<wire> wire_;
  connection link_;
  const clock& time_;
  bool stopped_ = false;
};

}  // namespace ctxcache::sim
